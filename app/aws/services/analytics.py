"""Analytics: Athena, Redshift, Kinesis."""

from app.aws.services.category import CategoryService

AnalyticsService = CategoryService("analytics")
