/** Addresses that are known without a request. The identity service of Swiss OTC is not: its `authUrl` must be given. */
export const KNOWN_REGIONS: Readonly<
  Record<string, { readonly authUrl?: string; readonly authUrlHint?: string; readonly endpoint: string }>
> = {
  "eu-de": {
    authUrl: "https://iam.eu-de.otc.t-systems.com/v3",
    endpoint: "https://cts.eu-de.otc.t-systems.com",
  },
  "eu-nl": {
    authUrl: "https://iam.eu-nl.otc.t-systems.com/v3",
    endpoint: "https://cts.eu-nl.otc.t-systems.com",
  },
  "eu-ch2": {
    authUrlHint: "https://iam-pub.eu-ch2.sc.otc.t-systems.com/v3",
    endpoint: "https://cts.eu-ch2.sc.otc.t-systems.com",
  },
};
