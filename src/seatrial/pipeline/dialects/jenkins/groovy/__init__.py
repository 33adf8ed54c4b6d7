"""The Groovy of `script { }`, and of the methods beside the pipeline, as generators of effects. Pure."""
