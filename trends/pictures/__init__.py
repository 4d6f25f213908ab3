"""Pictures of trends as SVG that the server draws: laid out here, written by components."""
