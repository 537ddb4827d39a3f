"""Security and identity: roles, keys, secrets, certificates, detectors."""

from app.aws.services.category import CategoryService

SecurityService = CategoryService("security-identity-and-compliance")
