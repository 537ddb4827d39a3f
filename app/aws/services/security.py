"""Security and identity: IAM, KMS, Secrets Manager, Cognito."""

from app.aws.services.category import CategoryService

SecurityService = CategoryService("security-identity-and-compliance")
