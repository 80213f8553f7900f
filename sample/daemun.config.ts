import { defineConfig } from "@/edge/config";
import daemun from "../daemun.config";

/** What a build with the sample uses: the developer's own configuration, and the APIs and services of the demo. */
export default defineConfig({
  ...daemun,

  // With more than one provider, roles and addresses count only from those that are trusted with them.
  providers: {
    company: { trustRoles: true, trustEmail: true, labels: { ko: "우리 회사" } },
    partner: { trustRoles: false, trustEmail: true, labels: { ko: "협력사" } },
    ...daemun.providers,
  },

  resources: [
    ...daemun.resources,
    {
      indicator: "https://shopping.example/api",
      labels: { en: "Shopping", ko: "쇼핑" },
      scopeLabels: {
        "shopping:read": { en: "See your orders", ko: "주문 보기" },
        "shopping:write": { en: "Order for you", ko: "나 대신 주문하기" },
      },
      scopes: ["shopping:read", "shopping:write"],
      providers: ["company", "partner"],
    },
    {
      indicator: "https://store.example/api",
      labels: { en: "Store", ko: "매장" },
      scopeLabels: {
        "store:read": { en: "See stock", ko: "재고 보기" },
        "store:write": { en: "Change stock", ko: "재고 바꾸기" },
      },
      scopes: ["store:read", "store:write"],
      providers: ["company", "partner"],
    },
  ],

  // Where they are, the environment says.
  services: {
    shopping: {
      name: "Shopping",
      labels: { ko: "쇼핑" },
      page: "/services/shopping",
      authentication: { kind: "resource", resource: "https://shopping.example/api" },
      routes: [
        { methods: ["GET", "POST"], path: "/orders" },
        { methods: ["GET", "DELETE"], path: "/orders/*" },
        { methods: ["GET"], path: "/events" },
        { methods: ["POST"], path: "/uploads" },
        { methods: ["GET"], path: "/downloads/*" },
      ],
    },
    store: {
      name: "Store",
      labels: { ko: "매장" },
      page: "/services/store",
      authentication: { kind: "resource", resource: "https://store.example/api", perOrganization: true },
      routes: [
        { methods: ["GET"], path: "/inventory" },
        { methods: ["POST"], path: "/inventory", roles: ["admin"] },
      ],
    },
    notes: {
      name: "Notes",
      labels: { ko: "노트" },
      scopeLabels: {
        "notes:read": { en: "Read your notes", ko: "메모 읽기" },
        "notes:write": { en: "Write notes for you", ko: "나 대신 메모 쓰기" },
      },
      page: "/services/notes",
      authentication: {
        kind: "client",
        scopes: ["openid", "offline_access", "notes:read"],
        optionalScopes: ["notes:write"],
        // offline_access is given with consent alone (OpenID Connect Core 1.0, section 11).
        authorizationParameters: { prompt: "consent" },
      },
      routes: [{ methods: ["GET", "POST"], path: "/notes" }],
    },
    ...daemun.services,
  },
});
