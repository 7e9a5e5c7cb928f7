import type { Pod } from '../../apis/core/v1/types.ts';
import type { PodSecurityPolicy } from '../../apis/policy/v1beta1/types.ts';
import { semanticDeepEqual } from '../../meta/deep-equal.ts';
import { type FieldError, formatFieldError } from '../../meta/field-error.ts';
import { isOnlyMutatingGCFields } from '../../meta/is-only-mutating-gc-fields.ts';
import { serviceAccountGroups, serviceAccountUsername } from '../../request/service-account-user.ts';
import type { UserInfo } from '../../request/user-info.ts';
import { appendAll } from '../../util/append-all.ts';
import { deepCopy } from '../../util/deep-copy.ts';
import type { AdmissionAttributes, AdmissionDependencies, AdmissionPluginFactory } from '../admission.ts';
import type { AdmissionStep } from '../admission-metrics.ts';
import { isPod, operations } from '../attributes.ts';
import { forbidden } from '../errors.ts';
import type { PodSecurityPolicyProvider } from '../podsecuritypolicy/provider.ts';

const AUDIT_PREFIX = 'podsecuritypolicy.policy.k8s.io/';
const VALIDATED_POLICY = 'kubernetes.io/psp';
/** Policies were once in `extensions`, to which roles may still refer. */
const GROUPS = ['policy', 'extensions'];

/** Loaded with the first pod if the plugin is enabled. */
type NewProvider = (policy: PodSecurityPolicy) => PodSecurityPolicyProvider;

/** A policy that admits the pod, with the resulting pod; or the errors of all policies. */
type Verdict =
  | { readonly pod: Pod; readonly policyName: string }
  | { readonly pod: undefined; readonly errors: readonly FieldError[] };

/**
 * Admits a pod that complies with a policy which its creator or its service account may `use`. Removed upstream in
 * 1.25; implements 1.20
 * (https://github.com/kubernetes/kubernetes/blob/release-1.20/plugin/pkg/admission/security/podsecuritypolicy/admission.go).
 */
export const podSecurityPolicy: AdmissionPluginFactory = (dependencies) => {
  const providers = new WeakMap<PodSecurityPolicy, PodSecurityPolicyProvider | null>();
  const policies = dependencies.resources.lister<PodSecurityPolicy>({
    group: 'policy',
    resource: 'podsecuritypolicies',
  });

  const providerOf = (
    policy: PodSecurityPolicy,
    make: NewProvider,
  ): PodSecurityPolicyProvider | undefined => {
    let provider = providers.get(policy);
    if (provider === undefined) {
      provider = providerOrNull(policy, make);
      providers.set(policy, provider);
    }
    return provider ?? undefined;
  };

  const judge = async (attributes: AdmissionAttributes, step: AdmissionStep): Promise<Verdict> => {
    const mayChange = step === 'admit';
    const pod = attributes.object as Pod;
    const { podSecurityPolicyProvider } = await import('../podsecuritypolicy/provider.ts');
    const all = (await policies.snapshot()).items
      .map((policy) => providerOf(policy, podSecurityPolicyProvider))
      .filter((provider) => provider !== undefined)
      .sort(byName(mayChange ? undefined : pod.metadata.annotations?.[VALIDATED_POLICY]));
    if (all.length === 0) {
      throw forbidden(attributes, 'PodSecurityPolicy: no providers available to validate pod request');
    }
    let changed: Verdict | undefined;
    const refusals: (readonly [policyName: string, errors: readonly FieldError[]])[] = [];
    for (const provider of all) {
      const { policyName } = provider;
      const copy = deepCopy(pod);
      const errors = provider.apply(copy);
      if (errors.length > 0) {
        refusals.push([policyName, errors]);
        continue;
      }
      const isChanged = !semanticDeepEqual(pod, copy);
      // A policy that doesn't change the pod takes precedence, otherwise the first one that does.
      if (isChanged && (!mayChange || changed !== undefined)) continue;
      if (!(await mayUse(dependencies, attributes, policyName))) continue;
      if (!isChanged) return { pod: copy, policyName };
      changed = { pod: copy, policyName };
    }
    if (changed !== undefined) return changed;
    const allErrors: FieldError[] = [];
    for (const [policyName, errors] of refusals) {
      if (await mayUse(dependencies, attributes, policyName)) appendAll(allErrors, errors);
    }
    return { pod: undefined, errors: allErrors };
  };

  return {
    name: 'PodSecurityPolicy',
    handles: operations('CREATE', 'UPDATE'),
    async admit(attributes) {
      if (attributes.operation !== 'CREATE' || !isPod(attributes)) return;
      const verdict = await judge(attributes, 'admit');
      if (verdict.pod === undefined) throw refusal(attributes, 'admit', verdict.errors);
      const { pod, policyName } = verdict;
      pod.metadata.annotations = { ...pod.metadata.annotations, [VALIDATED_POLICY]: policyName };
      attributes.object = pod;
      attributes.addAnnotation(`${AUDIT_PREFIX}admit-policy`, policyName);
    },
    async validate(attributes) {
      if (!isPod(attributes)) return;
      const { operation, object, oldObject } = attributes;
      if (operation === 'UPDATE' && isOnlyMutatingGCFields(object!, oldObject)) return;
      const verdict = await judge(attributes, 'validate');
      if (verdict.pod === undefined) throw refusal(attributes, 'validate', verdict.errors);
      attributes.addAnnotation(`${AUDIT_PREFIX}validate-policy`, verdict.policyName);
    },
  };
};

function refusal(attributes: AdmissionAttributes, verb: AdmissionStep, errors: readonly FieldError[]) {
  const shown = errors.map(formatFieldError).join(' ');
  return forbidden(attributes, `PodSecurityPolicy: unable to ${verb} pod: [${shown}]`);
}

/** Null for an invalid policy, which is ignored. */
function providerOrNull(policy: PodSecurityPolicy, make: NewProvider): PodSecurityPolicyProvider | null {
  try {
    return make(policy);
  } catch {
    return null;
  }
}

/** Sorts by name, with `first` before all others. */
function byName(
  first: string | undefined,
): (a: PodSecurityPolicyProvider, b: PodSecurityPolicyProvider) => number {
  return ({ policyName: a }, { policyName: b }) => {
    if (a === first || b === first) return a === first ? -1 : 1;
    return a < b ? -1 : 1;
  };
}

/** Checks the service account first, because it is the one that usually has the permission. */
async function mayUse(
  { authorize }: AdmissionDependencies,
  { namespace, object, user }: AdmissionAttributes,
  name: string,
): Promise<boolean> {
  const account = (object as Pod).spec.serviceAccountName;
  const users = account ? [serviceAccount(namespace, account), user] : [user];
  for (const who of users) {
    for (const apiGroup of GROUPS) {
      const question = { user: who, verb: 'use', namespace, name, apiGroup, apiVersion: '*' };
      if ((await authorize({ ...question, resource: 'podsecuritypolicies' })).allowed) return true;
    }
  }
  return false;
}

function serviceAccount(namespace: string, name: string): UserInfo {
  return {
    name: serviceAccountUsername(namespace, name),
    uid: '',
    groups: serviceAccountGroups(namespace),
    extra: {},
  };
}
