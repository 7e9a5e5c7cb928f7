import type { Pod } from '../../apis/core/v1/types.ts';
import { newForbidden, newNotFound } from '../../meta/status-error.ts';
import { isQualifiedName, isValidLabelValue } from '../../meta/validation/names.ts';
import { isJSONObject } from '../../util/json.ts';
import type { AdmissionAttributes, AdmissionPluginFactory } from '../admission.ts';
import { isPod, NAMESPACES, operations } from '../attributes.ts';
import { forbidden } from '../errors.ts';
import { findNamespace } from '../namespaces.ts';

const ANNOTATION = 'scheduler.alpha.kubernetes.io/node-selector';
const CLUSTER_DEFAULT = 'clusterDefaultNodeSelector';

type LabelMap = ReadonlyMap<string, string>;

/** Restricts pods to the nodes of their namespace, according to its annotation or the plugin's configuration. */
export const podNodeSelector: AdmissionPluginFactory = ({ resources, configuration }) => {
  const configured = readConfiguration(configuration);

  async function namespaceSelector(attributes: AdmissionAttributes): Promise<LabelMap> {
    const namespace = await findNamespace(resources, attributes.namespace);
    if (namespace === undefined) throw newNotFound(NAMESPACES, attributes.namespace);
    const { annotations = {} } = namespace.metadata;
    return readLabels(
      attributes,
      Object.hasOwn(annotations, ANNOTATION) ? annotations[ANNOTATION]! : configured.get(CLUSTER_DEFAULT),
    );
  }

  async function validate(attributes: AdmissionAttributes): Promise<void> {
    if (!isPod(attributes)) return;
    const pod = attributes.object as Pod;
    const refuse = (why: string) => newForbidden(attributes.resource, pod.metadata.name ?? '', why);
    const own = new Map(Object.entries(pod.spec.nodeSelector ?? {}));
    if (conflicts(await namespaceSelector(attributes), own)) {
      throw refuse('pod node label selector conflicts with its namespace node label selector');
    }
    const allowed = readLabels(attributes, configured.get(attributes.namespace));
    if (allowed.size > 0 && [...own].some(([key, value]) => allowed.get(key) !== value)) {
      throw refuse('pod node label selector labels conflict with its namespace whitelist');
    }
  }

  return {
    name: 'PodNodeSelector',
    handles: operations('CREATE'),
    async admit(attributes) {
      if (!isPod(attributes)) return;
      const { spec } = attributes.object as Pod;
      const own = new Map(Object.entries(spec.nodeSelector ?? {}));
      const wanted = await namespaceSelector(attributes);
      if (!conflicts(wanted, own) && wanted.size > 0) {
        spec.nodeSelector = Object.fromEntries([...wanted, ...own]);
      }
      await validate(attributes);
    },
    validate,
  };
};

function readConfiguration(configuration: unknown): ReadonlyMap<string, string> {
  const selectors = isJSONObject(configuration) ? configuration['podNodeSelectorPluginConfig'] : undefined;
  if (!isJSONObject(selectors)) return new Map();
  return new Map(Object.entries(selectors).map(([namespace, labels]) => [namespace, String(labels ?? '')]));
}

function conflicts(a: LabelMap, b: LabelMap): boolean {
  return [...a].some(([key, value]) => b.has(key) && b.get(key) !== value);
}

/** Parses `a=b,c=d`, the only syntax allowed here. */
function readLabels(attributes: AdmissionAttributes, selector = ''): LabelMap {
  const labels = new Map<string, string>();
  if (selector === '') return labels;
  for (const part of selector.split(',')) {
    const [key = '', value, ...more] = part.split('=').map((text) => text.trim());
    if (value === undefined || more.length > 0) {
      throw forbidden(attributes, `invalid selector: [${selector.split(',').join(' ')}]`);
    }
    const [wrong] = [...isQualifiedName(key), ...isValidLabelValue(value)];
    if (wrong !== undefined) throw forbidden(attributes, wrong);
    labels.set(key, value);
  }
  return labels;
}
