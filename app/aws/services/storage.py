"""Storage: volumes, snapshots, buckets, file systems."""

from app.aws.services.category import CategoryService

StorageService = CategoryService("storage")
