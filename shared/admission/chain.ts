/** Plugins in order, as one (https://github.com/kubernetes/apiserver/blob/master/pkg/admission/chain.go). */

import type { RequestContext } from '../request/request-context.ts';
import type { ResourceAccess } from '../rest/resource-access.ts';
import type {
  AdmissionAttributes,
  AdmissionChain,
  AdmissionOperation,
  AdmissionPlugin,
} from './admission.ts';
import { ColdReads } from './cold-reads.ts';
import { reinvocationOf } from './reinvocation.ts';

const OPERATIONS: readonly AdmissionOperation[] = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'];

type Halves = {
  readonly [half in 'admit' | 'validate']: readonly AdmissionPlugin[];
};

/** Every mutating plugin, then every validating one, in the order given. */
export function admissionChain(
  plugins: readonly AdmissionPlugin[],
  resources?: ResourceAccess,
): AdmissionChain {
  const coldReads = resources && new ColdReads(resources, plugins);
  const halves = new Map<AdmissionOperation, Halves>(
    OPERATIONS.map((operation) => {
      const handling = plugins.filter((plugin) => plugin.handles(operation));
      return [
        operation,
        {
          admit: handling.filter((plugin) => plugin.admit !== undefined),
          validate: handling.filter((plugin) => plugin.validate !== undefined),
        },
      ];
    }),
  );

  async function mutate(attributes: AdmissionAttributes, context: RequestContext): Promise<void> {
    for (const plugin of halves.get(attributes.operation)!.admit) await plugin.admit!(attributes, context);
  }

  return {
    handles: (operation) => {
      const { admit, validate } = halves.get(operation)!;
      return admit.length + validate.length > 0;
    },
    async admit(attributes, context) {
      const reads = coldReads?.warm(attributes);
      if (reads !== undefined) await reads;
      await mutate(attributes, context);
      const reinvocation = reinvocationOf(attributes);
      if (!reinvocation.shouldReinvoke) return;
      reinvocation.isReinvoke = true;
      await mutate(attributes, context);
    },
    async validate(attributes, context) {
      for (const plugin of halves.get(attributes.operation)!.validate) {
        await plugin.validate!(attributes, context);
      }
    },
    async close() {
      await Promise.all(plugins.map(async (plugin) => plugin.close?.()));
    },
  };
}
