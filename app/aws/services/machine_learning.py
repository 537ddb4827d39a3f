"""Machine learning and artificial intelligence: models, endpoints, agents."""

from app.aws.services.category import CategoryService

MachineLearningService = CategoryService("machine-learning-and-ai")
