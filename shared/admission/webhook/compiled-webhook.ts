import type { MutatingWebhook, ValidatingWebhook } from '../../apis/admissionregistration/v1/types.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import type { ListerSnapshot } from '../../rest/resource-access.ts';
import { once } from '../../util/once.ts';
import type { AdmissionAttributes, AdmissionDependencies, EquivalentResource } from '../admission.ts';
import type { MatchConditions } from '../cel/match-conditions.ts';
import { RequestSelectors } from '../matching/request-selectors.ts';
import { ResourceRules } from '../matching/resource-rules.ts';

export type Webhook = MutatingWebhook | ValidatingWebhook;

/** A webhook of a configuration, with what is asked of it for every request. */
export interface CompiledWebhook<W extends Webhook = Webhook> {
  readonly hook: W;
  readonly configurationName: string;
  /** Tells webhooks of the same name apart. */
  readonly uid: string;
  readonly rules: ResourceRules;
  readonly selectors: RequestSelectors;
  /** Loads what compiles expressions; undefined without conditions. */
  readonly matchConditions: () => Promise<MatchConditions> | undefined;
}

interface Configuration<W> extends KubeObject {
  webhooks?: W[] | undefined;
}

/** All webhooks of a snapshot, by name of their configuration; compiled once for each snapshot. */
export class CompiledWebhooks<W extends Webhook> {
  readonly #bySnapshot = new WeakMap<ListerSnapshot<Configuration<W>>, readonly CompiledWebhook<W>[]>();
  /** Configurations that stay the same keep what was compiled of them. */
  readonly #byConfiguration = new WeakMap<Configuration<W>, readonly CompiledWebhook<W>[]>();

  of(snapshot: ListerSnapshot<Configuration<W>>): readonly CompiledWebhook<W>[] {
    let compiled = this.#bySnapshot.get(snapshot);
    if (compiled === undefined) {
      compiled = snapshot.items.flatMap((configuration) => this.ofConfiguration(configuration));
      this.#bySnapshot.set(snapshot, compiled);
    }
    return compiled;
  }

  ofConfiguration(configuration: Configuration<W>): readonly CompiledWebhook<W>[] {
    let compiled = this.#byConfiguration.get(configuration);
    if (compiled === undefined) {
      compiled = compileWebhooks(configuration);
      this.#byConfiguration.set(configuration, compiled);
    }
    return compiled;
  }
}

function compileWebhooks<W extends Webhook>({ metadata, webhooks }: Configuration<W>): CompiledWebhook<W>[] {
  const configurationName = metadata.name ?? '';
  const seen = new Map<string, number>();
  return (webhooks ?? []).map((hook) => {
    const count = seen.get(hook.name) ?? 0;
    seen.set(hook.name, count + 1);
    return {
      hook,
      configurationName,
      uid: `${configurationName}/${hook.name}/${count}`,
      rules: new ResourceRules(hook.rules, hook.matchPolicy),
      selectors: new RequestSelectors(hook),
      matchConditions: lazyConditions(hook),
    };
  });
}

function lazyConditions({
  matchConditions = [],
  failurePolicy,
}: Webhook): CompiledWebhook['matchConditions'] {
  if (matchConditions.length === 0) return () => undefined;
  return once(async () => {
    const { MatchConditions } = await import('../cel/match-conditions.ts');
    return MatchConditions.compile(matchConditions, failurePolicy);
  });
}

/** As what the webhook is to see the request, but for its match conditions; undefined if it isn't to see it. */
export async function matchWebhook(
  { rules, selectors }: CompiledWebhook,
  attributes: AdmissionAttributes,
  { resources }: AdmissionDependencies,
): Promise<EquivalentResource | undefined> {
  const target = rules.match(attributes);
  if (target === undefined || !(await selectors.matches(attributes, resources))) return undefined;
  return target;
}
