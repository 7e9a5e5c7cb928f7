import type { KubeObject } from '../../meta/kube-object.ts';
import { newForbidden, newInternalError, newTimeoutError, StatusError } from '../../meta/status-error.ts';
import type { RequestContext } from '../../request/request-context.ts';
import { WebhookClient } from '../../rest/webhook-client.ts';
import { type ResponseMemory, webhookMemory } from '../../rest/webhook-memory.ts';
import type { GroupResource } from '../../runtime/group-version.ts';
import { isJSONObject } from '../../util/json.ts';
import type { AdmissionAttributes, AdmissionDependencies, PrefetchAttributes } from '../admission.ts';
import type { WebhookOutcome } from '../admission-metrics.ts';
import { isAdmissionConfiguration } from '../attributes.ts';
import { type Manifests, manifestsOf } from '../manifests.ts';
import { EXCLUDE_GATE, isVirtual } from '../policy/virtual-resources.ts';
import type { VersionedObjectsCache } from '../versioned-objects.ts';
import type { AdmissionAnswer } from './admission-review.ts';
import { CallingWebhookError, callWebhook, type WebhookInvocation } from './call-webhook.ts';
import { type CompiledWebhook, CompiledWebhooks, matchWebhook, type Webhook } from './compiled-webhook.ts';
import { webhookCredentials } from './webhook-configuration.ts';

/** Logic common to both webhook plugins. */
export class WebhookDispatcher<W extends Webhook> {
  readonly #dependencies: AdmissionDependencies;
  readonly #resource: GroupResource;
  readonly #sort: 'mutating' | 'validating';
  readonly #compiled = new CompiledWebhooks<W>();
  readonly #client: WebhookClient;
  readonly #manifests: Manifests | undefined;
  readonly #kind: string;

  constructor(sort: 'mutating' | 'validating', dependencies: AdmissionDependencies) {
    this.#dependencies = dependencies;
    this.#sort = sort;
    this.#resource = { group: 'admissionregistration.k8s.io', resource: `${sort}webhookconfigurations` };
    this.#client = new WebhookClient({
      resolveService: dependencies.resolveService,
      credentials: webhookCredentials(dependencies),
      addresses: dependencies.addresses,
      logger: dependencies.logger,
    });
    this.#kind = `${sort === 'mutating' ? 'Mutating' : 'Validating'}WebhookConfiguration`;
    const { configuration } = dependencies;
    const directory = isJSONObject(configuration) ? configuration['staticManifestsDir'] : undefined;
    this.#manifests = manifestsOf(directory, [this.#kind], dependencies);
  }

  async open(): Promise<void> {
    await this.#manifests?.load();
  }

  close(): void {
    this.#client.close();
  }

  reads(attributes: PrefetchAttributes): readonly GroupResource[] {
    return isAdmissionConfiguration(attributes) || this.#matchesNone(attributes) ? [] : [this.#resource];
  }

  /** All webhooks, those from files first; empty if no webhook may see the request. */
  async webhooks(attributes: AdmissionAttributes): Promise<readonly CompiledWebhook<W>[]> {
    if (this.#matchesNone(attributes)) return [];
    const own = this.#manifests === undefined ? [] : await this.#ofManifests(this.#manifests);
    // A webhook in the API could prevent its own correction.
    if (isAdmissionConfiguration(attributes)) return own;
    const lister = this.#dependencies.resources.lister<KubeObject & { webhooks?: W[] }>(this.#resource);
    const others = this.#compiled.of(await lister.snapshot());
    return own.length === 0 ? others : [...own, ...others];
  }

  async #ofManifests(manifests: Manifests): Promise<readonly CompiledWebhook<W>[]> {
    const items = (await manifests.current()).get(this.#kind) ?? [];
    return items.flatMap((item) => this.#compiled.ofConfiguration(item as KubeObject & { webhooks?: W[] }));
  }

  #matchesNone(attributes: PrefetchAttributes): boolean {
    return isVirtual(attributes) && this.#dependencies.featureEnabled(EXCLUDE_GATE);
  }

  /** The call to make; undefined if the webhook doesn't match. */
  async invocation(
    webhook: CompiledWebhook<W>,
    attributes: AdmissionAttributes,
    versions: VersionedObjectsCache,
  ): Promise<WebhookInvocation | undefined> {
    const target = await matchWebhook(webhook, attributes, this.#dependencies);
    if (target === undefined) return undefined;
    try {
      const versioned = await versions.at(target.kind);
      const conditions = await webhook.matchConditions();
      if (conditions !== undefined) {
        const { authorizationCache } = await import('../cel/admission-input.ts');
        const authorizer = authorizationCache(this.#dependencies);
        if (!(await conditions.match({ attributes, target, versioned, authorizer }))) return undefined;
      }
      return { webhook, sort: this.#sort, target, versioned };
    } catch (error) {
      if (error instanceof StatusError) throw error;
      if ((error as Error).name === 'MatchConditionsError') {
        throw newForbidden(attributes.resource, attributes.name, error);
      }
      throw newInternalError(error);
    }
  }

  /**
   * Calls a webhook and passes its answer to `use`, during which its memory is reserved; undefined if the call failed
   * and failures are ignored. Throws StatusError, and errors of `use`.
   */
  async call<T>(
    invocation: WebhookInvocation,
    attributes: AdmissionAttributes,
    {
      context,
      use,
    }: { readonly context: RequestContext; use(answer: AdmissionAnswer | undefined): T | Promise<T> },
  ): Promise<T> {
    const memory = webhookMemory.open(this.#dependencies.resources);
    try {
      return await use(await this.#call(invocation, attributes, context, memory));
    } finally {
      memory.release();
    }
  }

  async #call(
    invocation: WebhookInvocation,
    attributes: AdmissionAttributes,
    context: RequestContext,
    memory: ResponseMemory,
  ): Promise<AdmissionAnswer | undefined> {
    const { name, failurePolicy } = invocation.webhook.hook;
    const begin = performance.now();
    const record = (outcome: Omit<WebhookOutcome, 'seconds'>): void =>
      this.#dependencies.metrics?.webhook(
        { name, sort: this.#sort, operation: attributes.operation },
        { seconds: (performance.now() - begin) / 1000, ...outcome },
      );
    try {
      const answer = await callWebhook(invocation, attributes, context, {
        client: this.#client,
        scheme: this.#dependencies.scheme,
        memory,
      });
      record({ failed: false, failOpen: false });
      return answer;
    } catch (error) {
      const failed = error instanceof CallingWebhookError;
      const failOpen = failed && failurePolicy === 'Ignore';
      record({ error, failed, failOpen });
      if (!failed) throw error;
      if (!failOpen) throw newInternalError(error);
      if (context.signal.aborted) {
        throw newTimeoutError('request did not complete within requested timeout', 0);
      }
      this.#dependencies.logger?.warning(failedOpen(name, error));
      return undefined;
    }
  }
}

/** The log line of a failed call whose failure is ignored, as in upstream's `webhookDispatcher`s. */
export function failedOpen(name: string, error: Error): string {
  return `Failed calling webhook, failing open ${name}: ${error.message}`;
}
