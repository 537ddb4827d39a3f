"""Databases: RDS, DynamoDB, ElastiCache."""

from app.aws.services.category import CategoryService

DatabaseService = CategoryService("databases")
