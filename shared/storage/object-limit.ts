/** Bytes of JSON that an object may take; etcd takes as many, of protobuf. */
export const MAX_OBJECT_BYTES = 1.5 * 1024 * 1024;
