# What somebody is told of. The product's own numbers first: if they are missing, no beat
# is at work, and that is worth an alarm of its own.

locals {
  ours = { for name, one in {
    schedule-lag = { metric = "cloudrota_schedule_lag_seconds", above = 60, minutes = 5, said = "Slots become runs too late, or no beat is at work: docs/runbooks/beat-dead.md" }
    stranded     = { metric = "cloudrota_executions_stranded_seconds", above = 60, minutes = 3, said = "Executions wait and no worker is at work: docs/runbooks/worker-lost.md" }
    outbox       = { metric = "cloudrota_outbox_oldest_seconds", above = 300, minutes = 5, said = "Messages are not delivered: docs/runbooks/queue-lag.md" }
    notices      = { metric = "cloudrota_deliveries_oldest_seconds", above = 120, minutes = 10, said = "Notices wait to be routed or sent: docs/runbooks/queue-lag.md" }
    paused       = { metric = "cloudrota_paused_seconds", above = 0, minutes = 1, said = "The database was restored, and nothing is begun: docs/runbooks/restore.md" }
    set-aside    = { metric = "cloudrota_notices_set_aside", above = 0, minutes = 5, said = "Notices cannot be routed: docs/runbooks/notices-set-aside.md" }
    } : name => {
    description = one.said
    namespace   = local.name
    metric      = one.metric
    dimensions  = { deployment = local.name }
    above       = one.above
    minutes     = one.minutes
    missing     = "breaching"
  } }

  lags = { for kind in ["read", "mutate"] : "queue-lag-${kind}" => {
    description = "Executions (${kind}) wait too long: docs/runbooks/queue-lag.md"
    namespace   = local.name
    metric      = "cloudrota_queue_lag_seconds"
    dimensions  = { deployment = local.name, kind = kind }
    above       = 300
    minutes     = 5
    missing     = "breaching"
  } }

  database = { for name, one in {
    database-cpu         = { metric = "CPUUtilization", above = 80, below = null, minutes = 15, said = "The database is busy: docs/runbooks/database-full.md" }
    database-storage     = { metric = "FreeStorageSpace", above = null, below = 10737418240, minutes = 5, said = "The database has less than 10 GiB of storage: docs/runbooks/database-full.md" }
    database-connections = { metric = "DatabaseConnections", above = floor(var.size.database.max_connections * 0.8), below = null, minutes = 5, said = "The database has few connections left: docs/runbooks/database-full.md" }
    } : name => {
    description = one.said
    namespace   = "AWS/RDS"
    metric      = one.metric
    dimensions  = { DBInstanceIdentifier = local.name }
    above       = one.above
    below       = one.below
    minutes     = one.minutes
    missing     = "breaching"
  } }

  cache = { for number in range(1, var.size.cache.replicas + 2) : "cache-memory-${number}" => {
    description = "The cache is nearly full, and refuses writes when it is: docs/runbooks/redis-away.md"
    namespace   = "AWS/ElastiCache"
    metric      = "DatabaseMemoryUsagePercentage"
    dimensions  = { CacheClusterId = format("%s-%03d", local.name, number) }
    above       = 80
    minutes     = 5
    missing     = "breaching"
  } }

  way_in = {
    api-errors = {
      description = "The API answers 5xx: docs/runbooks/api-errors.md"
      namespace   = "AWS/ApplicationELB"
      metric      = "HTTPCode_Target_5XX_Count"
      dimensions  = module.balancer.dimensions
      statistic   = "Sum"
      above       = 20
      minutes     = 3
      missing     = "notBreaching"
    }
    api-healthy = {
      description = "No task of the API is ready: docs/runbooks/api-errors.md"
      namespace   = "AWS/ApplicationELB"
      metric      = "HealthyHostCount"
      dimensions  = module.balancer.dimensions
      below       = 1
      minutes     = 3
      missing     = "breaching"
    }
  }
}

module "observability" {
  source = "../modules/observability"

  name        = local.name
  cluster_arn = aws_ecs_cluster.this.arn
  emails      = var.alarm_emails
  key_arn     = module.log_key.arn
  alarms      = merge(local.ours, local.lags, local.database, local.cache, local.way_in)
}
