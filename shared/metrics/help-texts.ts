/**
 * Help texts of metrics; upstream's for upstream's metrics. Loaded on demand, since only readers of `/metrics` need
 * them.
 */
export const HELP_TEXTS: Readonly<Record<string, string>> = {
  aggregator_unavailable_apiservice:
    '[ALPHA] Gauge of APIServices which are marked as unavailable broken down by APIService name.',
  aggregator_unavailable_apiservice_total:
    '[ALPHA] Counter of APIServices which are marked as unavailable broken down by APIService name and reason.',
  apiserver_admission_controller_admission_duration_seconds:
    '[STABLE] Admission controller latency histogram in seconds, identified by name and broken out for each operation and API resource and type (validate or admit).',
  apiserver_admission_step_admission_duration_seconds:
    '[STABLE] Admission sub-step latency histogram in seconds, broken out for each operation and API resource and step type (validate or admit).',
  apiserver_admission_webhook_admission_duration_seconds:
    '[STABLE] Admission webhook latency histogram in seconds, identified by name and broken out for each operation and API resource and type (validate or admit).',
  apiserver_admission_webhook_fail_open_count:
    '[ALPHA] Admission webhook fail open count, identified by name and broken out for each admission type (validating or admit).',
  apiserver_admission_webhook_rejection_count:
    '[ALPHA] Admission webhook rejection count, identified by name and broken out for each admission type (validating or admit) and operation. Additional labels specify an error type (calling_webhook_error or apiserver_internal_error if an error occurred; no_error otherwise) and optionally a non-zero rejection code if the webhook rejects the request with an HTTP status code (honored by the apiserver when the code is greater or equal to 400). Codes greater than 600 are truncated to 600, to keep the metrics cardinality bounded.',
  apiserver_admission_webhook_request_total:
    '[ALPHA] Admission webhook request total, identified by name and broken out for each admission type (validating or admit) and operation. Additional labels specify whether the request was rejected or not and an HTTP status code. Codes greater than 600 are truncated to 600, to keep the metrics cardinality bounded.',
  apiserver_audit_event_total: '[ALPHA] Counter of audit events generated and sent to the audit backend.',
  apiserver_audit_level_total: '[ALPHA] Counter of policy levels for audit events (1 per request).',
  apiserver_audit_requests_rejected_total:
    '[ALPHA] Counter of apiserver requests rejected due to an error in audit logging backend.',
  apiserver_authentication_config_controller_automatic_reload_last_timestamp_seconds:
    '[BETA] Timestamp of the last automatic reload of authentication configuration split by status and apiserver identity.',
  apiserver_authentication_config_controller_automatic_reloads_total:
    '[BETA] Total number of automatic reloads of authentication configuration split by status and apiserver identity.',
  apiserver_authentication_config_controller_last_config_info:
    '[ALPHA] Information about the last applied authentication configuration with hash as label, split by apiserver identity.',
  apiserver_authorization_config_controller_automatic_reload_last_timestamp_seconds:
    '[BETA] Timestamp of the last automatic reload of authorization configuration split by status and apiserver identity.',
  apiserver_authorization_config_controller_automatic_reloads_total:
    '[BETA] Total number of automatic reloads of authorization configuration split by status and apiserver identity.',
  apiserver_authorization_config_controller_last_config_info:
    '[ALPHA] Information about the last applied authorization configuration with hash as label, split by apiserver identity.',
  apiserver_authorization_decisions_total:
    '[ALPHA] Total number of terminal decisions made by an authorizer split by authorizer type, name, and decision.',
  apiserver_client_certificate_expiration_seconds:
    '[ALPHA] Distribution of the remaining lifetime on the certificate used to authenticate a request.',
  apiserver_current_inflight_requests:
    '[STABLE] Maximal number of currently used inflight request limit of this apiserver per request kind in last second.',
  apiserver_encryption_config_controller_automatic_reload_last_timestamp_seconds:
    '[ALPHA] Timestamp of the last successful or failed automatic reload of encryption configuration split by apiserver identity.',
  apiserver_encryption_config_controller_automatic_reloads_total:
    '[ALPHA] Total number of reload successes and failures of encryption configuration split by apiserver identity.',
  apiserver_encryption_config_controller_last_config_info:
    '[ALPHA] Information about the last applied encryption configuration with hash as label, split by apiserver identity.',
  apiserver_longrunning_requests:
    '[STABLE] Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component. Not all requests are tracked this way.',
  apiserver_manifest_admission_config_controller_automatic_reload_last_timestamp_seconds:
    '[ALPHA] Timestamp of the last automatic reload of admission manifest configuration split by status, plugin, and apiserver identity.',
  apiserver_manifest_admission_config_controller_automatic_reloads_total:
    '[ALPHA] Total number of automatic reloads of admission manifest configuration split by status, plugin, and apiserver identity.',
  apiserver_manifest_admission_config_controller_last_config_info:
    '[ALPHA] Information about the last applied admission manifest configuration with hash as label, split by plugin and apiserver identity.',
  apiserver_request_body_size_bytes:
    '[ALPHA] Apiserver request body size in bytes broken out by resource and verb.',
  apiserver_request_duration_seconds:
    '[STABLE] Response latency distribution in seconds for each verb, dry run value, group, version, resource, subresource, scope and component.',
  apiserver_request_sli_duration_seconds:
    '[ALPHA] Response latency distribution (not counting webhook duration and priority & fairness queue wait times) in seconds for each verb, group, version, resource, subresource, scope and component.',
  apiserver_request_terminations_total:
    '[ALPHA] Number of requests which apiserver terminated in self-defense.',
  apiserver_request_total:
    '[STABLE] Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.',
  apiserver_requested_deprecated_apis:
    '[STABLE] Gauge of deprecated APIs that have been requested, broken out by API group, version, resource, subresource, and removed_release.',
  apiserver_resource_objects:
    '[ALPHA] Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.',
  apiserver_response_sizes:
    '[STABLE] Response size distribution in bytes for each group, version, verb, resource, subresource, scope and component.',
  apiserver_selfrequest_total:
    '[ALPHA] Counter of apiserver self-requests broken out for each verb, API resource and subresource.',
  apiserver_storage_list_returned_objects_total:
    '[ALPHA] Number of objects returned for a LIST request from storage',
  apiserver_storage_list_total: '[ALPHA] Number of LIST requests served from storage',
  apiserver_storage_objects:
    '[STABLE] (Deprecated since 1.34.0) [DEPRECATED, consider using apiserver_resource_objects instead] Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.',
  apiserver_watch_events_sizes: '[BETA] Watch event size distribution in bytes',
  apiserver_watch_events_total: '[BETA] Number of events sent in watch clients',
  authenticated_user_requests: '[ALPHA] Counter of authenticated requests broken out by username.',
  authentication_attempts: '[ALPHA] Counter of authenticated attempts.',
  authentication_duration_seconds: '[ALPHA] Authentication duration in seconds broken out by result.',
  authorization_attempts_total:
    "[ALPHA] Counter of authorization attempts broken down by result. It can be either 'allowed', 'denied', 'no-opinion' or 'error'.",
  authorization_duration_seconds: '[ALPHA] Authorization duration in seconds broken out by result.',
  etcd_request_duration_seconds:
    '[ALPHA] Etcd request latency in seconds for each operation and object type.',
  etcd_request_errors_total: '[ALPHA] Etcd failed request counts for each operation and object type.',
  etcd_requests_total: '[ALPHA] Etcd request counts for each operation and object type.',
  field_validation_request_duration_seconds:
    '[ALPHA] Response latency distribution in seconds for each field validation value',
  kubernetes_build_info:
    "[BETA] A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running.",
  kubernetes_feature_enabled:
    '[BETA] This metric records the data about the stage and enablement of a k8s feature.',
  kubernetes_healthcheck: '[STABLE] This metric records the result of a single healthcheck.',
  kubernetes_healthchecks_total: '[STABLE] This metric records the results of all healthcheck.',
  pod_security_errors_total:
    '[ALPHA] Number of errors preventing normal evaluation. Non-fatal errors may result in the latest restricted profile being used for evaluation.',
  pod_security_evaluations_total:
    '[ALPHA] Number of policy evaluations that occurred, not counting ignored or exempt requests.',
  pod_security_exemptions_total:
    '[ALPHA] Number of exempt requests, not counting ignored or out of scope requests.',
  serviceaccount_invalid_legacy_auto_token_uses_total:
    '[ALPHA] Cumulative invalid auto-generated legacy tokens used',
  serviceaccount_legacy_auto_token_uses_total: '[ALPHA] Cumulative auto-generated legacy tokens used',
  serviceaccount_legacy_manual_token_uses_total: '[ALPHA] Cumulative manually created legacy tokens used',
  serviceaccount_legacy_tokens_total: '[BETA] Cumulative legacy service account tokens used',
  serviceaccount_stale_tokens_total: '[BETA] Cumulative stale projected service account tokens used',
  serviceaccount_valid_tokens_total: '[BETA] Cumulative valid projected service account tokens used',
  workqueue_adds_total: '[BETA] Total number of adds handled by workqueue',
  workqueue_depth: '[BETA] Current depth of workqueue',
  workqueue_longest_running_processor_seconds:
    '[BETA] How many seconds has the longest running processor for workqueue been running.',
  workqueue_queue_duration_seconds:
    '[BETA] How long in seconds an item stays in workqueue before being requested.',
  workqueue_retries_total: '[BETA] Total number of retries handled by workqueue',
  workqueue_unfinished_work_seconds:
    "[BETA] How many seconds of work has done that is in progress and hasn't been observed by work_duration. Large values indicate stuck threads. One can deduce the number of stuck threads by observing the rate at which this increases.",
  workqueue_work_duration_seconds: '[BETA] How long in seconds processing an item from workqueue takes.',
  zeroplane_dynamodb_request_units_total: 'Request units that DynamoDB billed.',
  zeroplane_dynamodb_requests_total: 'Calls to DynamoDB, by purpose.',
};
