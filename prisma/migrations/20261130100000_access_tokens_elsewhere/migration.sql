-- An access token may lie in another storage than its row, under the row's id. Instances of a release before write none of those;
-- they do not read them either, so that another storage is chosen once none of them runs any more.
ALTER TABLE "AccessToken" ALTER COLUMN "sealedToken" DROP NOT NULL;
