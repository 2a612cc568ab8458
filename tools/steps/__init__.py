"""Whether the steps of an explanation hold: their equations are found, computed and compared, without a model."""
