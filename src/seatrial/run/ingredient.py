"""The names of what a key is made of; one that ends with a space is followed by that of a file, a stage, …"""

INPUTS = "inputs"
PACKAGES = "packages"
UPSTREAM = "upstream "
EXTERNAL = "external "
VARIABLE = "variable "
SECRET = "secret "  # noqa: S105 - a name, not a secret

Ingredients = tuple[tuple[str, str], ...]
