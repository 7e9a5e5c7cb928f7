export interface ConnectionOptions {
  /** Unset: what the profile or `AWS_REGION` says. */
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
}

/** The SDK's client of Parameter Store, which knows how to find credentials; loaded when used. */
export async function connectParameterStore({ region, profile }: ConnectionOptions) {
  const sdk = await import('@aws-sdk/client-ssm');
  return { sdk, client: new sdk.SSMClient({ ...(region && { region }), ...(profile && { profile }) }) };
}
