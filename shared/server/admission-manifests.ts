/**
 * Webhooks and policies from the files of a folder: parses, defaults and validates them, and reloads them when they
 * change (https://github.com/kubernetes/apiserver/tree/master/pkg/admission/plugin/manifest,
 * https://github.com/kubernetes/kubernetes/tree/master/pkg/admission/plugin).
 */

import { statSync } from 'node:fs';
import type { ManifestObjects, Manifests, OpenManifests } from '../admission/manifests.ts';
import { validateMutatingAdmissionPolicy } from '../apis/admissionregistration/validation/mutating-admission-policy.ts';
import {
  validateMutatingAdmissionPolicyBinding,
  validateValidatingAdmissionPolicyBinding,
} from '../apis/admissionregistration/validation/policy-binding.ts';
import { validateValidatingAdmissionPolicy } from '../apis/admissionregistration/validation/validating-admission-policy.ts';
import { validateWebhookConfiguration } from '../apis/admissionregistration/validation/webhook-configuration.ts';
import { aggregateFieldErrors, type FieldError, formatFieldError, invalid } from '../meta/field-error.ts';
import { FieldPath } from '../meta/field-path.ts';
import type { KubeObject } from '../meta/kube-object.ts';
import type { ReloadMetrics } from '../metrics/reload-metrics.ts';
import { loadExpressionChecker } from '../registry/admissionregistration/load-expression-checker.ts';
import type { ObjectDefaulter } from '../runtime/defaulting.ts';
import { quote } from '../runtime/go-format.ts';
import { gvkOf } from '../runtime/group-version.ts';
import type { RuntimeObject, Scheme } from '../runtime/scheme.ts';
import { strictDecodingMessage } from '../runtime/serializer/decoding-error.ts';
import { JSONSerializer } from '../runtime/serializer/json/json-serializer.ts';
import { schemeKinds } from '../runtime/serializer/scheme-kinds.ts';
import { stringifyJSON } from '../util/exact-json.ts';
import { isJSONObject, type JSONValue } from '../util/json.ts';
import type { ErrorLog } from '../util/logger.ts';
import { parseYAML } from '../util/parse-yaml.ts';
import type { FolderFile, ReadFolder } from '../util/read-folder.ts';
import { ReloadedFile } from '../util/reloaded-file.ts';

const GROUP = 'admissionregistration.k8s.io';
const SUFFIX = '.static.k8s.io';
const FILES = /\.(yaml|yml|json)$/i;
const DOCUMENT_END = /^---(?:[ \t].*)?$/m;

export interface ManifestParts {
  readonly scheme: Scheme;
  readonly defaulter: ObjectDefaulter;
  readonly readFolder: ReadFolder;
  readonly logger: ErrorLog;
  readonly reloads: ReloadMetrics;
}

type Validate = (object: never) => FieldError[] | Promise<FieldError[]>;

const VALIDATE: Readonly<Record<string, Validate>> = {
  ValidatingWebhookConfiguration: webhooks,
  MutatingWebhookConfiguration: webhooks,
  ValidatingAdmissionPolicy: async (policy) =>
    validateValidatingAdmissionPolicy(policy, undefined, await loadExpressionChecker()),
  MutatingAdmissionPolicy: async (policy) =>
    validateMutatingAdmissionPolicy(policy, undefined, await loadExpressionChecker()),
  ValidatingAdmissionPolicyBinding: validateValidatingAdmissionPolicyBinding,
  MutatingAdmissionPolicyBinding: validateMutatingAdmissionPolicyBinding,
};

async function webhooks(configuration: never): Promise<FieldError[]> {
  return validateWebhookConfiguration(configuration, undefined, 'v1', await loadExpressionChecker());
}

/** Opens folders on this host. */
export function manifestOpener(parts: ManifestParts): OpenManifests {
  return (directory, kinds) => {
    const what = checkDirectory(directory);
    if (what !== undefined) {
      throw new Error(formatFieldError(invalid(FieldPath.of('staticManifestsDir'), directory, what)));
    }
    return new FolderManifests(directory, kinds, parts);
  };
}

function checkDirectory(directory: string): string | undefined {
  try {
    return statSync(directory).isDirectory() ? undefined : 'must be a directory';
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const why = missing ? 'no such file or directory' : (error as Error).message;
    return `unable to read: stat ${directory}: ${why}`;
  }
}

class FolderManifests implements Manifests {
  readonly #directory: string;
  readonly #kinds: readonly string[];
  readonly #parts: ManifestParts;
  #files: ReloadedFile<ManifestObjects> | undefined;

  constructor(directory: string, kinds: readonly string[], parts: ManifestParts) {
    this.#directory = directory;
    this.#kinds = kinds;
    this.#parts = parts;
  }

  async load(): Promise<void> {
    const text = this.#read();
    const value = await this.#parse(text);
    const observer = this.#parts.reloads.observer('manifest_admission_config', this.#plugin);
    observer.reloaded(text, Date.now());
    this.#files = new ReloadedFile({
      path: this.#directory,
      readFile: () => this.#read(),
      text,
      value,
      load: (changed) => this.#parse(changed),
      logger: this.#parts.logger,
      observer,
    });
  }

  current(): Promise<ManifestObjects> {
    if (this.#files === undefined) throw new Error(`the manifests in ${this.#directory} are not loaded`);
    return this.#files.current();
  }

  /** The name of the admission plugin that uses them. */
  get #plugin(): string {
    const kind = this.#kinds[0]!;
    return kind.endsWith('Policy') ? kind : kind.replace(/WebhookConfiguration$/, 'AdmissionWebhook');
  }

  /** The contents of all files as one text. */
  #read(): string {
    const files = this.#parts.readFolder(this.#directory).filter(({ path }) => FILES.test(path));
    return JSON.stringify(files);
  }

  async #parse(text: string): Promise<ManifestObjects> {
    const what = this.#kinds[0]!.endsWith('Policy') ? 'policy' : 'webhook';
    try {
      const reader = new ManifestReader(this.#kinds, this.#parts);
      for (const file of JSON.parse(text) as FolderFile[]) await reader.read(file);
      return reader.objects();
    } catch (error) {
      const why = (error as Error).message;
      throw new Error(`failed to load static ${what} manifests from ${quote(this.#directory)}: ${why}`);
    }
  }
}

class ManifestReader {
  readonly #kinds: readonly string[];
  readonly #parts: ManifestParts;
  readonly #serializer: JSONSerializer;
  readonly #found: ReadonlyMap<string, Map<string, { readonly path: string; readonly object: KubeObject }>>;

  constructor(kinds: readonly string[], parts: ManifestParts) {
    this.#kinds = kinds;
    this.#parts = parts;
    this.#serializer = new JSONSerializer(schemeKinds(parts.scheme));
    this.#found = new Map(kinds.map((kind) => [kind, new Map()]));
  }

  async read({ path, text }: FolderFile): Promise<void> {
    const documents = text.split(DOCUMENT_END).filter((document) => document.trim() !== '');
    for (const document of documents) {
      try {
        await this.#accept(parseYAML(document, { version: '1.1' }) as JSONValue, path);
      } catch (error) {
        throw new Error(`error loading ${path}: ${(error as Error).message}`);
      }
    }
  }

  /** The objects sorted by name. Throws Error if a binding names a missing policy. */
  objects(): ManifestObjects {
    const [policies, bindings] = this.#kinds;
    if (bindings !== undefined) {
      for (const [name, { object }] of this.#found.get(bindings)!) {
        const policy = policyNameOf(object);
        if (this.#found.get(policies!)!.has(policy)) continue;
        throw new Error(
          `binding ${quote(name)} references policy ${quote(policy)} which does not exist in the manifest directory`,
        );
      }
    }
    return new Map(
      [...this.#found].map(([kind, byName]) => [
        kind,
        [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { object }]) => object),
      ]),
    );
  }

  async #accept(document: JSONValue, path: string): Promise<void> {
    if (isJSONObject(document) && document['kind'] === 'List' && document['apiVersion'] === 'v1') {
      for (const item of listOf(document['items'])) await this.#accept(item, path);
      return;
    }
    const bytes = Buffer.from(stringifyJSON(document));
    const { object, gvk, strictErrors } = this.#serializer.decode(bytes, { strict: true });
    if (strictErrors.length > 0) throw new Error(strictDecodingMessage(strictErrors));
    const items = gvk.kind.endsWith('List')
      ? ((object as RuntimeObject & { items?: RuntimeObject[] | null }).items ?? []).map((item) => ({
          ...item,
          apiVersion: object.apiVersion,
          kind: gvk.kind.slice(0, -'List'.length),
        }))
      : [object];
    const kind = gvk.kind.replace(/List$/, '');
    if (gvk.group !== GROUP || !this.#kinds.includes(kind)) {
      throw new Error(`unsupported resource type *${gvk.version}.${gvk.kind}`);
    }
    for (const item of items) await this.#take(item, path);
  }

  async #take(item: RuntimeObject, path: string): Promise<void> {
    const { kind } = gvkOf(item);
    this.#parts.defaulter.applyDefaults(item);
    const object = this.#parts.scheme.toInternal<KubeObject>(item);
    const name = object.metadata?.name ?? '';
    const errors = await VALIDATE[kind]!(object as never);
    if (errors.length > 0) throw new Error(`${kind} ${quote(name)}: ${aggregateFieldErrors(errors)}`);
    const byName = this.#found.get(kind)!;
    if (name === '') throw new Error(`resource in file ${quote(path)} must have a name`);
    if (!name.endsWith(SUFFIX)) {
      throw new Error(`${quote(name)} in file ${quote(path)} must have a name ending with ${quote(SUFFIX)}`);
    }
    const earlier = byName.get(name);
    if (earlier !== undefined) {
      throw new Error(
        `duplicate name ${quote(name)} found in file ${quote(path)} (previously seen in ${quote(earlier.path)})`,
      );
    }
    const limit = limitOf(kind, name, object, path);
    if (limit !== undefined) throw new Error(limit);
    byName.set(name, { path, object });
  }
}

const listOf = (value: unknown): readonly JSONValue[] => (Array.isArray(value) ? value : []);

interface Manifest extends KubeObject {
  readonly spec?: {
    readonly paramKind?: unknown;
    readonly paramRef?: unknown;
    readonly policyName?: string;
  };
  readonly webhooks?: readonly {
    readonly name: string;
    readonly clientConfig: { readonly service?: unknown; readonly url?: string };
  }[];
}

const policyNameOf = (binding: KubeObject): string => (binding as Manifest).spec?.policyName ?? '';

/**
 * The reason why an object that the API accepts is not allowed in a file; undefined if it is. Objects in files must not
 * refer to objects of the API.
 */
function limitOf(kind: string, name: string, object: KubeObject, path: string): string | undefined {
  const { spec = {}, webhooks: hooks = [] } = object as Manifest;
  if (kind.endsWith('Binding')) {
    const { policyName = '' } = spec;
    if (policyName === '') return `binding ${quote(name)} must reference a policy (spec.policyName)`;
    if (!policyName.endsWith(SUFFIX)) {
      return `binding ${quote(name)}: spec.policyName ${quote(policyName)} must end with ${quote(SUFFIX)}`;
    }
    return spec.paramRef === undefined
      ? undefined
      : `binding ${quote(name)}: spec.paramRef is not supported for static manifests`;
  }
  if (kind.endsWith('Policy')) {
    return spec.paramKind === undefined
      ? undefined
      : `${kind} ${quote(name)}: spec.paramKind is not supported for static manifests`;
  }
  for (const { name: webhook, clientConfig } of hooks) {
    const where = `webhook ${quote(webhook)} in ${quote(name)} (file ${quote(path)})`;
    if (clientConfig.service) {
      return `${where}: clientConfig.service is not supported for static manifests; use clientConfig.url instead`;
    }
    if (!clientConfig.url) return `${where}: clientConfig.url is required for static manifests`;
  }
  return undefined;
}
