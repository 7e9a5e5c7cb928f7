/** Maximum size of an object in bytes of JSON; etcd's limit is the same, in bytes of protobuf. */
export const MAX_OBJECT_BYTES = 1.5 * 1024 * 1024;
