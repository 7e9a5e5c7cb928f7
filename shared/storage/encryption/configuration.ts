/**
 * `--encryption-provider-config` (https://github.com/kubernetes/apiserver/blob/master/pkg/apis/apiserver/v1/types_encryption.go,
 * pkg/apis/apiserver/validation/validation_encryption.go).
 */

import { ConfigFieldsError } from '../../meta/config-fields-error.ts';
import { type FieldError, invalid, required } from '../../meta/field-error.ts';
import { FieldPath } from '../../meta/field-path.ts';
import {
  ConfigFileError,
  type ConfigKind,
  decodeConfigFile,
  INTEGER,
  listOf,
  STRING,
  STRINGS,
  structOf,
} from '../../runtime/config-file.ts';
import { formatGroupResource, type GroupResource } from '../../runtime/group-version.ts';
import { appendAll } from '../../util/append-all.ts';
import { parseDuration } from '../../util/duration.ts';
import { awsKeyARN } from './envelope/aws-key-service.ts';

export interface EncryptionKey {
  readonly name: string;
  readonly secret: Uint8Array;
}

export type EncryptionProvider =
  | { readonly type: 'identity' }
  | { readonly type: 'aesgcm' | 'aescbc' | 'secretbox'; readonly keys: readonly EncryptionKey[] }
  | {
      readonly type: 'kms';
      readonly name: string;
      /** Of the AWS KMS key. */
      readonly arn: string;
      readonly timeoutMs: number;
    };

export interface ResourceEncryption {
  /** `*` as resource: all resources of the group; as both: all resources. */
  readonly resources: readonly GroupResource[];
  readonly providers: readonly EncryptionProvider[];
}

interface Written {
  readonly resources?: readonly {
    readonly resources?: readonly string[];
    readonly providers?: readonly WrittenProvider[];
  }[];
}

interface WrittenProvider {
  readonly identity?: object;
  readonly aesgcm?: WrittenKeys;
  readonly aescbc?: WrittenKeys;
  readonly secretbox?: WrittenKeys;
  readonly kms?: WrittenKMS;
}

interface WrittenKeys {
  readonly keys?: readonly { readonly name?: string; readonly secret?: string }[];
}

interface WrittenKMS {
  readonly apiVersion?: string;
  readonly name?: string;
  readonly cachesize?: number;
  readonly endpoint?: string;
  readonly timeout?: string;
}

const KEYS = structOf('Keys', { keys: listOf(structOf('Key', { name: STRING, secret: STRING })) });
const PROVIDER = structOf('ProviderConfiguration', {
  identity: structOf('IdentityConfiguration', {}),
  aesgcm: KEYS,
  aescbc: KEYS,
  secretbox: KEYS,
  kms: structOf('KMSConfiguration', {
    apiVersion: STRING,
    name: STRING,
    cachesize: INTEGER,
    endpoint: STRING,
    timeout: STRING,
  }),
});

const CONFIGURATION: ConfigKind = {
  group: 'apiserver.config.k8s.io',
  versions: ['v1'],
  kind: 'EncryptionConfiguration',
  fields: {
    resources: listOf(structOf('ResourceConfiguration', { resources: STRINGS, providers: listOf(PROVIDER) })),
  },
};

/** Bytes. */
const KEY_LENGTHS = { aesgcm: [16, 24, 32], aescbc: [16, 24, 32], secretbox: [32] } as const;
const DEFAULT_KMS_TIMEOUT = 3000;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** The feature gate is off by default; here it can't be enabled. */
const KMS_V1_DISABLED =
  'KMSv1 is deprecated and will only receive security updates going forward. Use KMSv2 instead.  Set --feature-gates=KMSv1=true to use the deprecated KMSv1 feature.';
/** Keeps secrets out of messages. */
const REDACTED = 'REDACTED';

function parseResource(text: string): GroupResource {
  const dot = text.indexOf('.');
  return dot < 0
    ? { group: '', resource: text }
    : { group: text.slice(dot + 1), resource: text.slice(0, dot) };
}

function resourceProblem(text: string): string | undefined {
  const { group, resource } = parseResource(text);
  if (text.toLowerCase() !== text) return 'resource name should not contain capital letters';
  if (text === '*') {
    return "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources";
  }
  if (group === 'events.k8s.io') {
    return "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file";
  }
  if (group === 'extensions') {
    return "'extensions' group has been removed and cannot be used for encryption";
  }
  if (group === '*' && resource !== '*') return 'encrypting the same resource across groups is not supported';
  return undefined;
}

const isAll = ({ group, resource }: GroupResource): boolean => group === '*' && resource === '*';

function validateResources(texts: readonly string[], path: FieldPath): FieldError[] {
  if (texts.length === 0) return [required(path, `at least one ${path} is required`)];
  const errors: FieldError[] = [];
  const resources = texts.map(parseResource);
  if (new Set(texts.map((text) => formatGroupResource(parseResource(text)))).size < texts.length) {
    errors.push(invalid(path, texts, 'the same resource cannot be specified multiple times'));
  }
  const overlaps = resources.some((one, index) =>
    resources.some((other, at) => {
      if (at === index || (one.group === other.group && one.resource === other.resource)) return false;
      return isAll(one) || (one.group === other.group && one.resource === '*');
    }),
  );
  if (overlaps) {
    const detail =
      "using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked";
    errors.push(invalid(path, texts, detail));
  }
  for (const [index, text] of texts.entries()) {
    const problem = resourceProblem(text);
    if (problem !== undefined) errors.push(invalid(path.index(index), text, problem));
  }
  return errors;
}

/** Reads providers, and collects their errors. */
class ProviderValidation {
  readonly errors: FieldError[] = [];
  hasKMSv1 = false;
  readonly #kmsNames = new Set<string>();

  provider(written: WrittenProvider, path: FieldPath): EncryptionProvider {
    const given = Object.entries(written).filter(([, value]) => value !== undefined && value !== null);
    const [type] = given[0] ?? [];
    if (given.length === 0) {
      const detail =
        'provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity';
      this.errors.push(invalid(path, REDACTED, detail));
    }
    if (given.length > 1) {
      const detail =
        'more than one provider specified in a single element, should split into different list elements';
      this.errors.push(invalid(path, REDACTED, detail));
    }
    if (written.kms) return this.#kms(written.kms, path.child('kms'));
    if (type === 'aesgcm' || type === 'aescbc' || type === 'secretbox') {
      const { keys = [] } = written[type]!;
      return { type, keys: this.#keys(keys, path.child(type, 'keys'), KEY_LENGTHS[type]) };
    }
    return { type: 'identity' };
  }

  #keys(
    keys: NonNullable<WrittenKeys['keys']>,
    path: FieldPath,
    lengths: readonly number[],
  ): EncryptionKey[] {
    if (keys.length === 0) this.errors.push(required(path, 'at least one keys is required'));
    return keys.map(({ name = '', secret = '' }, index) => {
      const at = path.index(index);
      if (name === '') this.errors.push(required(at.child('name'), 'name is a mandatory field for a key'));
      const bytes = Buffer.from(secret, 'base64');
      const bad = (detail: string) => this.errors.push(invalid(at.child('secret'), REDACTED, detail));
      if (secret === '') {
        this.errors.push(required(at.child('secret'), 'secret is a mandatory field for a key'));
      } else if (!BASE64.test(secret)) bad('secrets must be base64 encoded');
      else if (!lengths.includes(bytes.length)) {
        const expected = `[${lengths.join(' ')}]`;
        bad(`secret is not of the expected length, got ${bytes.length}, expected one of ${expected}`);
      }
      return { name, secret: bytes };
    });
  }

  #kms({ apiVersion = 'v1', name = '', cachesize, endpoint = '', timeout }: WrittenKMS, path: FieldPath) {
    const bad = (field: string, value: unknown, detail: string) =>
      this.errors.push(invalid(path.child(field), value, detail));
    if (name === '') {
      this.errors.push(required(path.child('name'), 'name is a mandatory field for a provider'));
    } else if (name.includes(':'))
      bad('name', name, `invalid KMS provider name ${name}, must not contain ':'`);
    else if (this.#kmsNames.has(name)) {
      bad('name', name, `duplicate KMS provider name ${name}, names must be unique`);
    }
    this.#kmsNames.add(name);
    const timeoutMs = timeout === undefined ? DEFAULT_KMS_TIMEOUT : parseDuration(timeout);
    if (timeoutMs === undefined || timeoutMs <= 0) {
      bad('timeout', timeout, 'timeout should be a positive value');
    }
    const arn = awsKeyARN(endpoint);
    if (endpoint === '') bad('endpoint', '', 'endpoint is a mandatory field for a kms');
    else if (arn === undefined) {
      bad(
        'endpoint',
        endpoint,
        'must be aws-kms: and the ARN of a key or alias: there are no other key services',
      );
    }
    if (apiVersion === 'v1') {
      this.hasKMSv1 = true;
      if (cachesize === 0) bad('cachesize', cachesize, 'cachesize should be a positive value');
    } else {
      if (cachesize !== undefined) bad('cachesize', cachesize, 'cachesize is not supported in v2');
      if (apiVersion !== 'v2') {
        // Upstream's message, which repeats the field's name in place of its value.
        const detail = 'unsupported apiVersion apiVersion for KMS provider, only v1 and v2 are supported';
        bad('apiVersion', apiVersion, detail);
      }
    }
    return { type: 'kms' as const, name, arn: arn ?? '', timeoutMs: timeoutMs ?? 0 };
  }
}

/** A rule that an earlier one covers completely would never be used. */
function maskedResource(entries: readonly ResourceEncryption[]): string | undefined {
  const earlier = new Set<string>();
  for (const { resources } of entries) {
    for (const resource of resources) {
      const masks = [
        { group: resource.group, resource: '*' },
        { group: '*', resource: '*' },
      ];
      const mask = masks.map(formatGroupResource).find((one) => earlier.has(one));
      if (mask !== undefined) {
        return `resource "${formatGroupResource(resource)}" is masked by earlier rule "${mask}"`;
      }
    }
    for (const resource of resources) earlier.add(formatGroupResource(resource));
  }
  return undefined;
}

/** Reads the configuration. Throws `ConfigFileError` with all faults, without secrets. */
export async function parseEncryptionConfiguration(text: string): Promise<readonly ResourceEncryption[]> {
  const { config } = await decodeConfigFile<Written>(text, CONFIGURATION);
  const root = FieldPath.of('resources');
  const validation = new ProviderValidation();
  const { errors } = validation;
  const { resources: written = [] } = config;
  if (written.length === 0) errors.push(required(root, 'at least one resources is required'));
  const entries = written.map(({ resources = [], providers = [] }, index): ResourceEncryption => {
    const path = root.index(index);
    appendAll(errors, validateResources(resources, path.child('resources')));
    const at = path.child('providers');
    if (providers.length === 0) errors.push(required(at, `at least one ${at} is required`));
    return {
      resources: resources.map(parseResource),
      providers: providers.map((provider, number) => validation.provider(provider, at.index(number))),
    };
  });
  if (errors.length > 0) throw new ConfigFieldsError(errors);
  if (validation.hasKMSv1) throw new ConfigFileError(KMS_V1_DISABLED);
  const masked = maskedResource(entries);
  if (masked !== undefined) throw new ConfigFileError(masked);
  return entries;
}
