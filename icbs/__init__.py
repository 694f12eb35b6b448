"""Who and did: areas with dated codes and links, services and their rollout."""
