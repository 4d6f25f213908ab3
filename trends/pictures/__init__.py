"""The layout of pictures of trends. Templates of components write them as SVG or tables."""
