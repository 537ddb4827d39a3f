"""What can be listed at AWS, per service: data generated from the SDK's own models."""
