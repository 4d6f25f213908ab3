"""The app that the others build on: tags, translated texts, partial dates, slugs, keys, images."""
