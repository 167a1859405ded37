// An OpenID provider for tests: `oidc-provider`, which is certified by the OpenID Foundation, with accounts from a file.
//   node provider.mjs SETTINGS.json
// Settings: port, issuer, clients, accounts ({login: claims}), userinfo (claims are told there, not in the ID token),
// clock (seconds by which its clock is wrong). Prints a line when it listens.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const settings = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const now = Date.now.bind(Date);
Date.now = () => now() + settings.clock * 1000;
const { default: Provider } = await import("oidc-provider");

const ours = [...new Set(Object.values(settings.accounts).flatMap((claims) => Object.keys(claims)))];
const provider = new Provider(settings.issuer, {
  clients: settings.clients,
  claims: { openid: ["sub"], profile: ours },
  conformIdTokenClaims: settings.userinfo,
  findAccount: (_, id) => id in settings.accounts
    ? { accountId: id, claims: () => ({ sub: id, ...settings.accounts[id] }) }
    : undefined,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  // A browser's clock is right, so cookies of a clock that is behind must be good for long.
  ttl: { Interaction: 1209600, Session: 1209600 },
  cookies: { keys: ["for tests"] },
});
// What stands before it says under which name it was asked.
provider.proxy = true;
createServer(provider.callback()).listen(settings.port, "127.0.0.1", () => console.log("listening"));
