# How the lag of schedule and queue reaches CloudWatch: the product tells it at `/metrics`
# and in no log line, so a collector beside each beat reads it there, over loopback and
# with METRICS_TOKEN, and writes it to a log from which CloudWatch takes it as metrics. The
# beats', because they always run and ask PostgreSQL alone, whatever the workers do.

resource "aws_cloudwatch_log_group" "metrics" {
  name              = "/${local.name}/metrics"
  retention_in_days = 30
  kms_key_id        = module.log_key.arn
}

locals {
  gauges = [
    "cloudrota_database_up", "cloudrota_deliveries_oldest_seconds", "cloudrota_executions_stranded_seconds",
    "cloudrota_notices_set_aside", "cloudrota_outbox_oldest_seconds", "cloudrota_paused_seconds", "cloudrota_schedule_lag_seconds",
  ]

  collector = {
    image   = var.collector_image
    secrets = { METRICS_TOKEN = module.secrets.arns["METRICS_TOKEN"] }
    environment = {
      AOT_CONFIG_CONTENT = yamlencode({
        receivers = {
          prometheus = {
            config = {
              scrape_configs = [{
                job_name        = "cloudrota"
                scrape_interval = "30s"
                authorization   = { credentials = "$${env:METRICS_TOKEN}" }
                static_configs = [{
                  targets = ["127.0.0.1:${local.metrics_port}"]
                  labels  = { deployment = local.name }
                }]
              }]
            }
          }
        }
        exporters = {
          awsemf = {
            region                  = local.region
            namespace               = local.name
            log_group_name          = aws_cloudwatch_log_group.metrics.name
            log_stream_name         = "beat"
            dimension_rollup_option = "NoDimensionRollup"
            metric_declarations = [
              { dimensions = [["deployment"]], metric_name_selectors = [for one in local.gauges : "^${one}$"] },
              { dimensions = [["deployment", "kind"]], metric_name_selectors = ["^cloudrota_queue_lag_seconds$"] },
            ]
          }
        }
        service = {
          pipelines = { metrics = { receivers = ["prometheus"], exporters = ["awsemf"] } }
        }
      })
    }
  }
}
