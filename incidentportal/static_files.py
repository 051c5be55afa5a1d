"""How static files are served with DEBUG off."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Compressed, and named by their content: what a module imports as well, so that old and new never mix."""

    support_js_module_import_aggregation = True
