import type { AdmissionAttributes, AdmissionDependencies } from '../admission.ts';

/** Throws unless the node may make this request. */
export type NodeCheck = (
  nodeName: string,
  attributes: AdmissionAttributes,
  dependencies: AdmissionDependencies,
) => Promise<void> | void;
