# Places for secrets, without what belongs there: that is put in by hand, so that no
# state and no plan of Terraform ever holds it.

resource "aws_secretsmanager_secret" "this" {
  for_each                = var.settings
  name                    = "${var.name}/${each.key}"
  description             = "The setting ${each.key}"
  kms_key_id              = var.key_arn
  recovery_window_in_days = var.recovery_days
}
