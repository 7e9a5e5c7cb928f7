export interface ConnectionOptions {
  /** Unset: from the profile or `AWS_REGION`. */
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
}

/** The SDK's client of Parameter Store with the SDK's credential chain; loaded when used. */
export async function connectParameterStore({ region, profile }: ConnectionOptions) {
  const sdk = await import('@aws-sdk/client-ssm');
  return { sdk, client: new sdk.SSMClient({ ...(region && { region }), ...(profile && { profile }) }) };
}
