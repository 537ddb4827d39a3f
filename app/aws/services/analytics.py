"""Analytics: work groups, clusters, streams, catalogs."""

from app.aws.services.category import CategoryService

AnalyticsService = CategoryService("analytics")
