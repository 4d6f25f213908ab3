"""What both apps are written in: tags, translated texts, partial dates, slugs, keys, images."""
