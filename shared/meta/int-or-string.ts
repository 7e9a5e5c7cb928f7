/** A count or a percentage (https://github.com/kubernetes/apimachinery/blob/master/pkg/util/intstr/intstr.go). */
export type IntOrString = number | string;
