import type { Ingress, IngressClass } from '../../apis/networking/v1/types.ts';
import type { AdmissionPluginFactory } from '../admission.ts';
import { isWhole, operations } from '../attributes.ts';
import { byAge } from './default-storage-class.ts';

const DEFAULT_ANNOTATION = 'ingressclass.kubernetes.io/is-default-class';
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

/** Sets the default class of an ingress without one; of several defaults the newest. */
export const defaultIngressClass: AdmissionPluginFactory = ({ resources }) => ({
  name: 'DefaultIngressClass',
  handles: operations('CREATE'),
  judges: ['networking.k8s.io', 'extensions'].map((group) => ({ group, resource: 'ingresses' })),
  async admit(attributes) {
    if (
      !isWhole(attributes, 'networking.k8s.io', 'ingresses') &&
      !isWhole(attributes, 'extensions', 'ingresses')
    ) {
      return;
    }
    const { metadata, spec } = attributes.object as Ingress;
    if (spec.ingressClassName !== undefined || metadata.annotations?.[CLASS_ANNOTATION] !== undefined) return;
    const lister = resources.lister<IngressClass>({ group: 'networking.k8s.io', resource: 'ingressclasses' });
    const { items } = await lister.snapshot();
    const defaults = items.filter((item) => item.metadata.annotations?.[DEFAULT_ANNOTATION] === 'true');
    const [newest] = defaults.toSorted(byAge);
    if (newest !== undefined) spec.ingressClassName = newest.metadata.name;
  },
});
