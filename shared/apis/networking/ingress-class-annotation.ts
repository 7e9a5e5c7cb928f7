/** What named an Ingress' class before `spec.ingressClassName` did. */
export const INGRESS_CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
