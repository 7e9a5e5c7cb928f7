/** The schemas of configuration files as fields of a `ControlPlane`, made from the tables that decode the files. */

import { ADMISSION_CONFIGURATION } from '../admission/configuration.ts';
import type { JSONSchemaProps } from '../apis/apiextensions/v1/types.ts';
import { AUDIT_POLICY } from '../audit/policy.ts';
import { AUTHENTICATION_CONFIGURATION } from '../authn/oidc/configuration.ts';
import { AUTHORIZATION_CONFIGURATION } from '../authz/configuration-kind.ts';
import type { ConfigKind } from '../runtime/config-file.ts';
import type { TypeSchema } from '../runtime/type-schema.ts';
import { CONFIGURATION_NAMES, type ConfigurationName } from './tenant-configuration.ts';

const KINDS: Readonly<Record<ConfigurationName, ConfigKind>> = {
  admission: ADMISSION_CONFIGURATION,
  audit: AUDIT_POLICY,
  authentication: AUTHENTICATION_CONFIGURATION,
  authorization: AUTHORIZATION_CONFIGURATION,
};

/** Fields that a control plane of a fleet can't use. */
const HIDDEN: ReadonlySet<string> = new Set(['admission.plugins.path', 'audit.metadata']);

/** By path. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  admission:
    'Configuration of admission plugins, as in the AdmissionConfiguration of --admission-control-config-file. Plugins are enabled by arguments.',
  'admission.plugins': 'One entry per plugin.',
  'admission.plugins.name': 'Name of the plugin, such as PodSecurity.',
  'admission.plugins.configuration':
    'Configuration of the plugin, with its apiVersion and kind: that of PodSecurity is a PodSecurityConfiguration of pod-security.admission.config.k8s.io/v1.',
  audit:
    "Audit policy, as in --audit-policy-file. Events are written to the fleet's output with the annotation zeroplane.dev/control-plane, and to the webhook of --audit-webhook-config-file.",
  'audit.rules': 'The first rule that matches a request decides how much of it is logged.',
  'audit.rules.level': 'None, Metadata, Request or RequestResponse.',
  'audit.rules.users': 'User names; absent: all.',
  'audit.rules.userGroups': 'Groups, one of which the user must be in; absent: all.',
  'audit.rules.verbs': 'Verbs; absent: all.',
  'audit.rules.resources': 'Resources; absent: all.',
  'audit.rules.resources.group': "API group; empty: the core group; '*': all.",
  'audit.rules.resources.resources': "Resources and subresources, such as pods or pods/log; '*/*': all.",
  'audit.rules.resources.resourceNames': 'Names of objects; absent: all.',
  'audit.rules.namespaces': 'Namespaces; an empty string: cluster-scoped resources; absent: all.',
  'audit.rules.nonResourceURLs': "Paths that are no resources; a final '*' matches the rest.",
  'audit.rules.omitStages': 'Stages without an event, such as RequestReceived.',
  'audit.rules.omitManagedFields': 'Whether events omit managedFields; overrides the field of the policy.',
  'audit.omitStages': 'Stages without an event, for all rules.',
  'audit.omitManagedFields': 'Whether events omit managedFields, for all rules.',
  authentication:
    'Issuers of OpenID tokens, and anonymous access, as in the AuthenticationConfiguration of --authentication-config. Replaces the --oidc flags.',
  'authentication.jwt': 'One entry per issuer.',
  'authentication.jwt.issuer': 'The issuer and the audiences of its tokens.',
  'authentication.jwt.issuer.url': 'URL of the issuer, as in the claim iss.',
  'authentication.jwt.issuer.discoveryURL': 'URL of the discovery document, if not below url.',
  'authentication.jwt.issuer.certificateAuthority': "PEM of the CA of the issuer; absent: the host's.",
  'authentication.jwt.issuer.audiences': 'Accepted values of the claim aud.',
  'authentication.jwt.issuer.audienceMatchPolicy': 'MatchAny, required with several audiences.',
  'authentication.jwt.claimValidationRules': 'Conditions on claims.',
  'authentication.jwt.claimMappings': 'How claims become a user, in CEL or by name.',
  'authentication.jwt.claimMappings.username': 'Name of the user.',
  'authentication.jwt.claimMappings.groups': 'Groups of the user.',
  'authentication.jwt.claimMappings.uid': 'UID of the user.',
  'authentication.jwt.claimMappings.extra': 'Extra attributes of the user.',
  'authentication.jwt.userValidationRules': 'Conditions on the user, in CEL.',
  'authentication.anonymous': 'Whether requests without credentials are allowed.',
  'authentication.anonymous.conditions': 'The paths for which they are; absent: all.',
  authorization:
    'Authorizers in order, as in the AuthorizationConfiguration of --authorization-config. Replaces --authorization-mode.',
  'authorization.authorizers': 'The first that allows or denies a request decides.',
  'authorization.authorizers.type': 'RBAC, Node, AlwaysDeny or Webhook.',
  'authorization.authorizers.name':
    'Name in messages and metrics: the type in lower case, except for webhooks.',
  'authorization.authorizers.webhook': 'Required for the type Webhook.',
  'authorization.authorizers.webhook.connectionInfo':
    'Type KubeConfigFile, and the absolute path of a file of the Secret in spec.files.',
};

const SCALARS: Readonly<Record<string, JSONSchemaProps>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
};

/** Unknown fields are kept, so that they are rejected rather than dropped. */
const OPEN = { 'x-kubernetes-preserve-unknown-fields': true };

function schemaAt(path: string, schema: TypeSchema): JSONSchemaProps {
  const description = DESCRIPTIONS[path];
  return { ...(description !== undefined && { description }), ...shapeOf(path, schema) };
}

function shapeOf(path: string, schema: TypeSchema): JSONSchemaProps {
  switch (schema.kind) {
    case 'scalar':
      return SCALARS[schema.type]!;
    case 'list': {
      const items = shapeOf(path, schema.element);
      return { type: 'array', items, 'x-kubernetes-list-type': 'atomic' };
    }
    case 'struct':
      return { type: 'object', ...OPEN, properties: propertiesOf(path, schema.fields.entries()) };
    default:
      return OPEN;
  }
}

function propertiesOf(
  path: string,
  fields: Iterable<readonly [string, { readonly schema: TypeSchema }]>,
): Record<string, JSONSchemaProps> {
  const shown = [...fields].filter(([name]) => !HIDDEN.has(`${path}.${name}`));
  return Object.fromEntries(shown.map(([name, { schema }]) => [name, schemaAt(`${path}.${name}`, schema)]));
}

/** The fields of `spec`. */
export function configurationSchemas(): Record<ConfigurationName, JSONSchemaProps> {
  const schemas = CONFIGURATION_NAMES.map((name) => {
    const fields = Object.entries(KINDS[name].fields);
    const properties = propertiesOf(
      name,
      fields.map(([field, schema]) => [field, { schema }] as const),
    );
    return [name, { type: 'object', description: DESCRIPTIONS[name], ...OPEN, properties }];
  });
  return Object.fromEntries(schemas) as Record<ConfigurationName, JSONSchemaProps>;
}
