"""The common floor of the apps: the as-at date, abstract bases, signed links, exports. Nothing about smoking."""
