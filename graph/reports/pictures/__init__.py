"""The pictures of a run as SVG: one file a picture, and one record of what they show."""
