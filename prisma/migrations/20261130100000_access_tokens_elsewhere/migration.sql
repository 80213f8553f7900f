-- An access token may lie in another storage than its row, under the row's id: daemun.hooks.ts chooses one, none by default.
-- Older instances: they write a value into every row, and read none that has null until a storage is chosen, which is for
-- when none of them runs any more (docs/deploying.md).
ALTER TABLE "AccessToken" ALTER COLUMN "sealedToken" DROP NOT NULL;
