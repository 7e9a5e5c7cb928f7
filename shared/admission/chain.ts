/** Plugins in order, as one (https://github.com/kubernetes/apiserver/blob/master/pkg/admission/chain.go). */

import type { RequestContext } from '../request/request-context.ts';
import type { ResourceAccess } from '../rest/resource-access.ts';
import { inSpan } from '../util/spans.ts';
import type {
  AdmissionAttributes,
  AdmissionChain,
  AdmissionOperation,
  AdmissionPlugin,
} from './admission.ts';
import type { AdmissionMetrics, AdmissionStep } from './admission-metrics.ts';
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
  metrics?: AdmissionMetrics,
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

  const run = (
    half: AdmissionStep,
    attributes: AdmissionAttributes,
    context: RequestContext,
  ): Promise<void> =>
    inSpan(
      `admission ${half}`,
      () => ({ operation: attributes.operation }),
      () => runPlugins(half, attributes, context),
    );

  async function runPlugins(
    half: AdmissionStep,
    attributes: AdmissionAttributes,
    context: RequestContext,
  ): Promise<void> {
    const { operation } = attributes;
    const begin = performance.now();
    let last = begin;
    let name = '';
    const tell = (rejected: boolean): void => {
      const now = performance.now();
      metrics?.plugin(name, half, operation, (now - last) / 1000, rejected);
      last = now;
    };
    let rejected = true;
    try {
      for (const plugin of halves.get(operation)![half]) {
        name = plugin.name;
        await plugin[half]!(attributes, context);
        tell(false);
      }
      rejected = false;
    } catch (error) {
      tell(true);
      throw error;
    } finally {
      metrics?.step(half, operation, (performance.now() - begin) / 1000, rejected);
    }
  }

  return {
    handles: (operation) => {
      const { admit, validate } = halves.get(operation)!;
      return admit.length + validate.length > 0;
    },
    async admit(attributes, context) {
      const reads = coldReads?.warm(attributes);
      if (reads !== undefined) await reads;
      await run('admit', attributes, context);
      const reinvocation = reinvocationOf(attributes);
      if (!reinvocation.shouldReinvoke) return;
      reinvocation.isReinvoke = true;
      await run('admit', attributes, context);
    },
    validate: (attributes, context) => run('validate', attributes, context),
    async open() {
      for (const { name, open } of plugins) {
        try {
          await open?.();
        } catch (error) {
          throw new Error(`couldn't init admission plugin "${name}": ${(error as Error).message}`, {
            cause: error,
          });
        }
      }
    },
    async close() {
      await Promise.all(plugins.map(async (plugin) => plugin.close?.()));
    },
  };
}
