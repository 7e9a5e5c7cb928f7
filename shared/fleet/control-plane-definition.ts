/** The CustomResourceDefinition of `ControlPlane`, created with a fleet's management plane. */

import type {
  CustomResourceDefinition,
  JSONSchemaProps,
  ValidationRule,
} from '../apis/apiextensions/v1/types.ts';
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
      message: 'may be raised by one at a time',
      fieldPath,
    },
  ];
}

const FOLLOWED = 'an authority that was followed by another comes no more';

/**
 * Rules for names of users and groups. RBAC compares names byte by byte, so one that merely looks like another matches
 * no user.
 */
const NAMED: ValidationRule[] = [
  {
    rule: String.raw`!self.matches('^\\s|\\s$|[[:cntrl:]]')`,
    message: 'may not begin or end with a blank, nor have control characters',
  },
  {
    rule: "!(self in ['system:anonymous', 'system:unauthenticated'])",
    message: 'whoever comes would be an admin',
  },
];

/** Description of each usage field. */
const USAGE: Readonly<Record<keyof TenantUsage | keyof StoredUsage, string>> = {
  requests: 'Requests that were answered.',
  serverErrors: 'Of these, answers of 500 and more.',
  refused: 'Requests refused by its limits.',
  watchSeconds: 'Seconds that watches were held.',
  milliseconds: 'Milliseconds that requests took, watches left out.',
  bytes: 'Bytes of answers.',
  readUnits: "DynamoDB's read request units.",
  writeUnits: "DynamoDB's write request units.",
  objects: 'Objects that it stores now.',
  storageBytes: 'Bytes that they take.',
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
        message: "becomes part of a host name: lower-case letters, digits and '-', at most 40 characters",
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
        description: 'What is asked for. Everything may be left out.',
        default: {},
        'x-kubernetes-validations': [
          {
            rule: '!has(self.oldestAuthority) || self.oldestAuthority <= (has(self.signingAuthority) ? self.signingAuthority : 1)',
            message: 'oldestAuthority: signingAuthority would not be trusted',
          },
          ...inOrder('signingKey', 'a key that was followed by another signs no more'),
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
            description: 'Flags of kube-apiserver, each with its value: --authorization-mode=RBAC.',
            default: [...DEFAULT_ARGUMENTS],
            maxItems: 64,
            'x-kubernetes-list-type': 'atomic',
            items: string({
              maxLength: 1024,
              'x-kubernetes-validations': [
                {
                  rule: "self.matches('^--[a-z][-a-z0-9]*=')",
                  message: 'a flag and its value are one argument: --flag=value',
                },
              ],
            }),
          },
          admins: {
            type: 'array',
            description: 'Who may do everything in it.',
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
                        'the ARN of an IAM role or user: arn:aws:iam::111122223333:role/NAME; of an assumed role, the role itself',
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
                  message: 'exactly one of iam, user and group',
                },
              ],
            },
          },
          isolation: string({
            description: "Shared: rows of the fleet's table. Dedicated: a table of its own.",
            enum: ['Shared', 'Dedicated'],
            default: 'Shared',
          }),
          deletionPolicy: string({
            description: 'Whether the data goes with the object.',
            enum: ['Delete', 'Retain'],
            default: 'Delete',
          }),
          signingKey: count(
            "Number of the key that signs service accounts' tokens; those before it verify.",
            9_999,
          ),
          signingAuthority: count(
            'Number of the authority that signs certificates; those before it are trusted.',
            9_999,
          ),
          oldestAuthority: count('Number of the first authority that is trusted.', 9_999),
          suspended: {
            type: 'boolean',
            description: 'Requests are answered with 503, and nothing runs.',
            default: false,
          },
          limits: {
            type: 'object',
            description:
              'What its clients may ask for, more of which is answered with 429, and what it may store, more of which is answered with 403.',
            properties: {
              requestsPerSecond: count('Requests a second, in the long run.', 1_000_000),
              inFlight: count('Requests that each process answers at once, watches not among them.', 100_000),
              watches: count('Watches that are held at once.', 1_000_000),
              // Room for the objects that every control plane starts with, and some more.
              objects: count('Objects that are stored.', 1_000_000_000, 500),
              storageBytes: {
                description: 'Bytes of objects, as a quantity: 1Gi.',
                'x-kubernetes-int-or-string': true,
                maxLength: 32,
                'x-kubernetes-validations': [
                  {
                    rule: "isQuantity(string(self)) && quantity(string(self)).compareTo(quantity('8Mi')) >= 0 && quantity(string(self)).compareTo(quantity('1Pi')) <= 0",
                    message: 'a quantity from 8Mi to 1Pi',
                  },
                ],
              },
            },
          },
        },
      },
      status: {
        type: 'object',
        description: 'How it is.',
        properties: {
          usage: {
            type: 'object',
            description: 'What it took since it was made, as of some minutes ago.',
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
            description: 'Generation of the spec that the status is about.',
          },
          endpoint: string({ description: 'URL of its API.' }),
          kubeconfig: {
            type: 'object',
            description: 'The Secret beside this object whose key `value` is a kubeconfig.',
            properties: { secret: string({ description: 'Its name.' }) },
          },
          storage: {
            type: 'object',
            description: 'Where the data is: the table, and what its keys there begin with.',
            properties: {
              id: string({ description: 'What its keys begin with.' }),
              table: string({ description: "The table's name." }),
            },
          },
          conditions: {
            type: 'array',
            description: 'Ready: whether requests are served, and if not, why.',
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
