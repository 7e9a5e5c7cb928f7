/** The CustomResourceDefinition of `ControlPlane`, created with a fleet's management plane. */

import type {
  CustomResourceDefinition,
  JSONSchemaProps,
  ValidationRule,
} from '../apis/apiextensions/v1/types.ts';
import { configurationSchemas } from './configuration-schema.ts';
import { CONTROL_PLANES, DEFAULT_ARGUMENTS, RESERVED_NAMES, type StoredUsage } from './control-plane.ts';
import type { TenantUsage } from './tenant-usage.ts';

export interface DefinitionOptions {
  /** The Kubernetes minors that tenants may choose, newest last. */
  readonly versions: readonly string[];
}

export function controlPlaneDefinition(options: DefinitionOptions): Omit<CustomResourceDefinition, 'status'> {
  const { group, version, resource } = CONTROL_PLANES;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${resource}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        plural: resource,
        singular: 'controlplane',
        kind: 'ControlPlane',
        listKind: 'ControlPlaneList',
        shortNames: ['zcp'],
        categories: ['all'],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [
            { name: 'Version', type: 'string', jsonPath: '.spec.version' },
            { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
            { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
            { name: 'Endpoint', type: 'string', jsonPath: '.status.endpoint' },
            { name: 'Objects', type: 'integer', jsonPath: '.status.usage.objects', priority: 1 },
            { name: 'Requests', type: 'integer', jsonPath: '.status.usage.requests', priority: 1 },
            { name: 'Refused', type: 'integer', jsonPath: '.status.usage.refused', priority: 1 },
            { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
          schema: { openAPIV3Schema: schema(options) },
        },
      ],
    },
  };
}

/** Rules for key numbers: an absent number is 1; a number may only grow, and only by one at a time. */
function inOrder(field: string, back: string): ValidationRule[] {
  const number = (of: string) => `(has(${of}.${field}) ? ${of}.${field} : 1)`;
  const fieldPath = `.${field}`;
  return [
    { rule: `${number('self')} >= ${number('oldSelf')}`, message: back, fieldPath },
    {
      rule: `${number('self')} <= ${number('oldSelf')} + 1`,
      message: 'can be increased only by one at a time',
      fieldPath,
    },
  ];
}

const FOLLOWED = 'cannot be decreased: a superseded authority does not return';

/**
 * Rules for names of users and groups. RBAC compares names byte by byte, so one that merely looks like another matches
 * no user.
 */
const NAMED: ValidationRule[] = [
  {
    rule: String.raw`!self.matches('^\\s|\\s$|[[:cntrl:]]')`,
    message: 'must not begin or end with whitespace or contain control characters',
  },
  {
    rule: "!(self in ['system:anonymous', 'system:unauthenticated'])",
    message: 'would make every caller an admin',
  },
];

/** Description of each usage field. */
const USAGE: Readonly<Record<keyof TenantUsage | keyof StoredUsage, string>> = {
  requests: 'Requests answered.',
  serverErrors: 'Requests answered with 5xx.',
  refused: 'Requests refused by limits.',
  watchSeconds: 'Total duration of watches in seconds.',
  milliseconds: 'Total duration of requests other than watches, in milliseconds.',
  bytes: 'Bytes sent in responses.',
  readUnits: 'DynamoDB read request units.',
  writeUnits: 'DynamoDB write request units.',
  objects: 'Objects currently stored.',
  storageBytes: 'Bytes currently stored.',
};

const string = (more: Partial<JSONSchemaProps> = {}): JSONSchemaProps => ({ type: 'string', ...more });

const count = (description: string, maximum: number, minimum = 1): JSONSchemaProps => ({
  type: 'integer',
  format: 'int32',
  description,
  minimum,
  maximum,
});

function schema({ versions }: DefinitionOptions): JSONSchemaProps {
  const reserved = RESERVED_NAMES.map((name) => `'${name}'`).join(', ');
  return {
    type: 'object',
    description: 'A Kubernetes control plane of this fleet.',
    required: ['spec'],
    'x-kubernetes-validations': [
      {
        rule: "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$')",
        message: "must be part of a host name: lower-case letters, digits and '-', at most 40 characters",
        fieldPath: '.metadata.name',
      },
      {
        rule: `!(self.metadata.name in [${reserved}])`,
        messageExpression: "self.metadata.name + ' is reserved'",
        message: 'is reserved',
        fieldPath: '.metadata.name',
      },
    ],
    properties: {
      metadata: { type: 'object', properties: { name: { type: 'string' } } },
      spec: {
        type: 'object',
        description: 'Desired state. Every field is optional.',
        default: {},
        'x-kubernetes-validations': [
          {
            rule: '!has(self.oldestAuthority) || self.oldestAuthority <= (has(self.signingAuthority) ? self.signingAuthority : 1)',
            message: 'oldestAuthority: must not exceed signingAuthority, which would not be trusted',
          },
          ...inOrder('signingKey', 'cannot be decreased: a superseded key no longer signs'),
          ...inOrder('signingAuthority', FOLLOWED),
          ...inOrder('oldestAuthority', FOLLOWED),
        ],
        properties: {
          version: string({
            description: 'The Kubernetes minor that clients see.',
            enum: [...versions],
            default: versions.at(-1)!,
          }),
          arguments: {
            type: 'array',
            description:
              'Flags of kube-apiserver, each with its value, such as --authorization-mode=RBAC. Files are those of spec.files.',
            default: [...DEFAULT_ARGUMENTS],
            maxItems: 64,
            'x-kubernetes-list-type': 'atomic',
            items: string({
              maxLength: 1024,
              'x-kubernetes-validations': [
                {
                  rule: "self.matches('^--[a-z][-a-z0-9]*=')",
                  message: 'must be a flag with its value: --flag=value',
                },
              ],
            }),
          },
          ...configurationSchemas(),
          files: {
            type: 'object',
            description: 'Kubeconfigs of webhooks, which arguments and authorization name.',
            required: ['secret'],
            properties: {
              secret: string({
                description: 'Secret in the same namespace, whose keys are the names of the files.',
                maxLength: 253,
                'x-kubernetes-validations': [
                  {
                    rule: '!format.dns1123Subdomain().validate(self).hasValue()',
                    message: 'must be the name of a Secret',
                  },
                ],
              }),
            },
          },
          admins: {
            type: 'array',
            description: 'Principals with full access to the control plane.',
            default: [],
            maxItems: 64,
            'x-kubernetes-list-type': 'atomic',
            items: {
              type: 'object',
              properties: {
                iam: string({
                  description: 'ARN of an IAM role or user.',
                  maxLength: 2048,
                  'x-kubernetes-validations': [
                    {
                      rule: String.raw`self.matches('^arn:[-a-z]+:iam::\\d{12}:(role|user)/[\\w+=,.@/-]+$')`,
                      message:
                        'must be the ARN of an IAM role or user: arn:aws:iam::111122223333:role/NAME; for an assumed role, of the role itself',
                    },
                  ],
                }),
                user: string({
                  description: 'Name of a user.',
                  minLength: 1,
                  maxLength: 1024,
                  'x-kubernetes-validations': NAMED,
                }),
                group: string({
                  description: 'Name of a group.',
                  minLength: 1,
                  maxLength: 1024,
                  'x-kubernetes-validations': NAMED,
                }),
              },
              'x-kubernetes-validations': [
                {
                  rule: '[has(self.iam), has(self.user), has(self.group)].filter(given, given).size() == 1',
                  message: 'must have exactly one of iam, user and group',
                },
              ],
            },
          },
          isolation: string({
            description: "Shared: rows in the fleet's table. Dedicated: its own table.",
            enum: ['Shared', 'Dedicated'],
            default: 'Shared',
          }),
          deletionPolicy: string({
            description: 'Delete or Retain the data when the object is deleted.',
            enum: ['Delete', 'Retain'],
            default: 'Delete',
          }),
          signingKey: count(
            'Number of the key that signs service account tokens. Keys with lower numbers still verify.',
            9_999,
          ),
          signingAuthority: count(
            'Number of the authority that signs certificates. Lower numbers are trusted down to oldestAuthority.',
            9_999,
          ),
          oldestAuthority: count('Number of the oldest trusted authority.', 9_999),
          suspended: {
            type: 'boolean',
            description:
              'Whether the control plane is suspended: requests get 503 and controllers do not run.',
            default: false,
          },
          limits: {
            type: 'object',
            description:
              'Limits on requests, beyond which clients get 429, and on stored data, beyond which writes get 403.',
            properties: {
              requestsPerSecond: count('Sustained requests per second.', 1_000_000),
              inFlight: count('Concurrent requests per process, not counting watches.', 100_000),
              watches: count('Concurrent watches.', 1_000_000),
              // Room for the objects that every control plane starts with, and some more.
              objects: count('Number of stored objects.', 1_000_000_000, 500),
              storageBytes: {
                description: 'Bytes of stored objects, as a quantity such as 1Gi.',
                'x-kubernetes-int-or-string': true,
                maxLength: 32,
                'x-kubernetes-validations': [
                  {
                    rule: "isQuantity(string(self)) && quantity(string(self)).compareTo(quantity('8Mi')) >= 0 && quantity(string(self)).compareTo(quantity('1Pi')) <= 0",
                    message: 'must be a quantity from 8Mi to 1Pi',
                  },
                ],
              },
            },
          },
        },
      },
      status: {
        type: 'object',
        description: 'Observed state.',
        properties: {
          usage: {
            type: 'object',
            description: 'Usage since creation. Updated every few minutes.',
            properties: Object.fromEntries(
              Object.entries(USAGE).map(([name, description]) => [
                name,
                { type: 'integer', format: 'int64', description },
              ]),
            ),
          },
          observedGeneration: {
            type: 'integer',
            format: 'int64',
            description: 'Generation of the spec that this status reflects.',
          },
          endpoint: string({ description: 'URL of the Kubernetes API.' }),
          kubeconfig: {
            type: 'object',
            description: 'Secret in the same namespace whose key `value` holds a kubeconfig.',
            properties: { secret: string({ description: 'Name of the Secret.' }) },
          },
          storage: {
            type: 'object',
            description: 'Location of the data: the table, and the prefix of its keys.',
            properties: {
              id: string({ description: 'Prefix of its keys.' }),
              table: string({ description: 'Name of the table.' }),
            },
          },
          conditions: {
            type: 'array',
            description:
              'Ready: whether requests are served as specified, and the reason if not. The message of a refused specification says what is served meanwhile.',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['type'],
            items: {
              type: 'object',
              required: ['type', 'status', 'lastTransitionTime', 'reason', 'message'],
              properties: {
                type: string(),
                status: string({ enum: ['True', 'False', 'Unknown'] }),
                observedGeneration: { type: 'integer', format: 'int64' },
                lastTransitionTime: string({ format: 'date-time' }),
                reason: string(),
                message: string(),
              },
            },
          },
        },
      },
    },
  };
}
