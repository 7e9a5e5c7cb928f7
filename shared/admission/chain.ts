/** Combines plugins into a chain (https://github.com/kubernetes/apiserver/blob/master/pkg/admission/chain.go). */

import type { RequestContext } from '../request/request-context.ts';
import type { ResourceAccess } from '../rest/resource-access.ts';
import type { GroupResource } from '../runtime/group-version.ts';
import { inSpan } from '../util/spans.ts';
import type {
  AdmissionAttributes,
  AdmissionChain,
  AdmissionOperation,
  AdmissionPlugin,
} from './admission.ts';
import type { AdmissionMetrics, AdmissionObserver, AdmissionStep } from './admission-metrics.ts';
import { ColdReads } from './cold-reads.ts';
import { reinvocationOf } from './reinvocation.ts';

const OPERATIONS: readonly AdmissionOperation[] = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'];

/** The plugins of a phase for one operation, with their metrics. */
interface Half {
  readonly steps: readonly {
    readonly plugin: AdmissionPlugin;
    readonly observe: AdmissionObserver | undefined;
  }[];
  readonly observe: AdmissionObserver | undefined;
}

function judgesResource({ judges }: AdmissionPlugin, { group, resource }: GroupResource): boolean {
  return judges === undefined || judges.some((one) => one.resource === resource && one.group === group);
}

/** Runs all mutating plugins, then all validating ones, in the order given. */
export function admissionChain(
  plugins: readonly AdmissionPlugin[],
  resources?: ResourceAccess,
  metrics?: AdmissionMetrics,
): AdmissionChain {
  const coldReads = resources && new ColdReads(resources, plugins);
  const halfOf = (step: AdmissionStep, operation: AdmissionOperation): Half => ({
    steps: plugins
      .filter((plugin) => plugin.handles(operation) && plugin[step] !== undefined)
      .map((plugin) => ({ plugin, observe: metrics?.pluginObserver(plugin.name, step, operation) })),
    observe: metrics?.stepObserver(step, operation),
  });
  const halves = new Map<AdmissionOperation, Readonly<Record<AdmissionStep, Half>>>(
    OPERATIONS.map((operation) => [
      operation,
      { admit: halfOf('admit', operation), validate: halfOf('validate', operation) },
    ]),
  );

  const run = (
    half: AdmissionStep,
    attributes: AdmissionAttributes,
    context: RequestContext,
    reads?: ColdReads,
  ): Promise<void> =>
    inSpan(
      `admission ${half}`,
      () => ({ operation: attributes.operation }),
      async () => {
        await reads?.warm(attributes);
        await runPlugins(half, attributes, context);
      },
    );

  async function runPlugins(
    half: AdmissionStep,
    attributes: AdmissionAttributes,
    context: RequestContext,
  ): Promise<void> {
    const { steps, observe } = halves.get(attributes.operation)![half];
    const begin = performance.now();
    let last = begin;
    let current: AdmissionObserver | undefined;
    try {
      for (const step of steps) {
        current = step.observe;
        if (!judgesResource(step.plugin, attributes.resource)) {
          current?.(0, 'allowed');
          continue;
        }
        await step.plugin[half]!(attributes, context);
        const now = performance.now();
        current?.((now - last) / 1000, 'allowed');
        last = now;
      }
      observe?.((last - begin) / 1000, 'allowed');
    } catch (error) {
      const now = performance.now();
      current?.((now - last) / 1000, 'rejected');
      observe?.((now - begin) / 1000, 'rejected');
      throw error;
    }
  }

  return {
    handles: (operation) => {
      const { admit, validate } = halves.get(operation)!;
      return admit.steps.length + validate.steps.length > 0;
    },
    prefetch(attributes) {
      void coldReads?.warm(attributes);
    },
    async admit(attributes, context) {
      await run('admit', attributes, context, coldReads);
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
