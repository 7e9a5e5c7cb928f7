import type { AdmissionAttributes, AdmissionDependencies } from '../admission.ts';

/** Throws unless the node is allowed to make the request. */
export type NodeCheck = (
  nodeName: string,
  attributes: AdmissionAttributes,
  dependencies: AdmissionDependencies,
) => Promise<void> | void;
