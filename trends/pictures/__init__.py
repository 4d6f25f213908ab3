"""Pictures of trends as SVG: laid out here, written by the templates of components."""
