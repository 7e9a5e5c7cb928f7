import type { MutatingWebhook, ValidatingWebhook } from '../../apis/admissionregistration/v1/types.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import type { ListerSnapshot } from '../../rest/resource-access.ts';
import { once } from '../../util/once.ts';
import type { AdmissionAttributes, AdmissionDependencies, EquivalentResource } from '../admission.ts';
import type { MatchConditions } from '../cel/match-conditions.ts';
import { RequestSelectors } from '../matching/request-selectors.ts';
import { ResourceRules } from '../matching/resource-rules.ts';

export type Webhook = MutatingWebhook | ValidatingWebhook;

/** A webhook of a configuration, with its compiled rules and selectors. */
export interface CompiledWebhook<W extends Webhook = Webhook> {
  readonly hook: W;
  readonly configurationName: string;
  /** Distinguishes webhooks of the same name. */
  readonly uid: string;
  readonly rules: ResourceRules;
  readonly selectors: RequestSelectors;
  /** Loads the compiler of expressions; undefined without conditions. */
  readonly matchConditions: () => Promise<MatchConditions> | undefined;
}

interface Configuration<W> extends KubeObject {
  webhooks?: W[] | undefined;
}

/** All webhooks of a snapshot, sorted by configuration name and compiled once per snapshot. */
export class CompiledWebhooks<W extends Webhook> {
  readonly #bySnapshot = new WeakMap<ListerSnapshot<Configuration<W>>, readonly CompiledWebhook<W>[]>();
  /** Unchanged configurations keep their compiled webhooks. */
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

/**
 * The resource and kind as which the webhook sees the request, regardless of match conditions; undefined if it doesn't
 * match.
 */
export async function matchWebhook(
  { rules, selectors }: CompiledWebhook,
  attributes: AdmissionAttributes,
  { resources }: AdmissionDependencies,
): Promise<EquivalentResource | undefined> {
  const target = rules.match(attributes);
  if (target === undefined || !(await selectors.matches(attributes, resources))) return undefined;
  return target;
}
