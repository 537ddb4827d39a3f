"""Databases: instances, clusters, tables, caches."""

from app.aws.services.category import CategoryService

DatabaseService = CategoryService("databases")
