"""The quirks by kind; a file that is dropped here is found, and its import enters its quirks into the table."""

from importlib import import_module
from pkgutil import iter_modules

for found in iter_modules(__path__):
    import_module(f"{__name__}.{found.name}")
