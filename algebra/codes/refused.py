"""Codes of what cannot be done as asked: refusals, unknown names, usage."""

from __future__ import annotations

from algebra.codes.row import Row

_STATEMENT = "have the venue export the statement again; books that do not close are not attested"
_HISTORY = "there is nothing to do: no proof can show such a history"

ROWS = (
    # -- institution -------------------------------------------------------------------------------
    Row(
        "refused.vault",
        "The passphrase is wrong, or the file is damaged or no vault; nobody can tell which.",
        "check the path and the passphrase, then try the copy of the vault that you keep",
    ),
    Row(
        "refused.vault_exists",
        "There is a file at this path already.",
        "give another path; a vault is never overwritten",
    ),
    Row(
        "refused.passphrase",
        "The new passphrase is shorter than a vault takes.",
        "use a longer passphrase, such as five random words",
    ),
    Row(
        "refused.passphrase_differs",
        "The two passphrases that were typed differ.",
        "run the command again and type the same passphrase twice",
    ),
    Row(
        "refused.secret",
        "The identity secret is out of range.",
        "open a vault of this program and take the secret from it",
    ),
    Row(
        "refused.owner",
        "The attestation belongs to another identity.",
        "give --vault the vault whose owner tag the attestation names",
    ),
    Row(
        "refused.account",
        "The account is no address of 20 bytes, or zero.",
        "give --account the address that will hold the terms",
    ),
    Row(
        "refused.tier",
        "The history does not meet the tier; the message is for its owner's eyes only.",
        "run `tierproof estimate` to see which tiers hold, and prove one of them",
        exit_status=1,
    ),
    Row(
        "refused.window",
        "The attestation is of another window than the policy's, or what is late still counts.",
        "use an attestation of exactly the policy's days; attest once it is settled",
    ),
    Row(
        "refused.class",
        "There is no such class, or the key is of another class than the attestation.",
        "take a class that the message names, with keys of it: `tierproof setup --class N`",
    ),
    Row(
        "refused.disclosure",
        "The log has no such record, or too many are named.",
        "name 1 to 1,000 records, each --row below the number of the log's records",
    ),
    Row(
        "refused.other_statement",
        "The statement gives another log than the one that is attested.",
        "give the folder, adapter and wallets that the log was made from",
    ),
    Row(
        "refused.picture",
        "The picture's name ends in neither .svg nor .png.",
        "end the name of --picture in .svg or .png",
    ),
    Row(
        "refused.oracle.bound",
        "A sum of a day is beyond what a record of the proof can hold.",
        _HISTORY,
    ),
    Row("refused.oracle.opening", "The opening equity is beyond what a proof can hold.", _HISTORY),
    Row(
        "refused.oracle.closing", "The closing is out of range, or not what records give.", _HISTORY
    ),
    Row("refused.oracle.marks", "A day has more or fewer marks than there are wallets.", _HISTORY),
    Row("refused.oracle.count", "The log has more records than the largest class holds.", _HISTORY),
    Row("refused.oracle.day", "A record is of a day outside the window.", _HISTORY),
    Row(
        "refused.oracle.feed",
        "The market feed is of another window, or has weights that M24 does not know.",
        "take the feed document of the window, by the rule of docs/explanation/metrics.md B5",
    ),
    # -- margin ------------------------------------------------------------------------------------
    Row(
        "refused.rule_files",
        "The logs of one root would be made by files that contradict each other.",
        "give every statement the same margin document and marks, or attest them apart",
    ),
    Row(
        "refused.margin.rule",
        "The margin document has no rule for an instrument that is held.",
        "add the venue's rule to the document, or use the document of the account's venue",
    ),
    Row(
        "refused.margin.version",
        "No version of the margin document holds at an instant of the window.",
        "add the version that held then, from an instant before the window",
    ),
    Row(
        "refused.portfolio_margin",
        "The venue margins an account as a portfolio, which a statement cannot carry yet.",
        "leave the account's wallet out of the job, or have the venue margin it by its standard",
    ),
    Row(
        "refused.margin.range",
        "An option's strike, mark or expiry is too far out for its value to be computed.",
        "correct the instrument or the price that the message names",
    ),
    Row(
        "refused.feed.digest",
        "The attestation's market feed is not the one that was signed with its root.",
        "use the attestation as the attestors sent it",
    ),
    Row(
        "refused.feed.window",
        "The feed document is of another window.",
        "make the feed document of this window, by its --first-day and --last-day",
    ),
    Row(
        "refused.feed.candles",
        "The candles of the index do not cover the window and the day before it.",
        "get the index from a month before the window to the end of its last day",
    ),
    # -- setup and keys ----------------------------------------------------------------------------
    Row(
        "refused.setup",
        "The setup of the keys folder is not one that this job can use.",
        "give --keys a folder of its own and make it with `tierproof setup --class N`",
    ),
    Row(
        "refused.setup.length",
        "The setup has fewer powers than are asked of it.",
        "give --keys a folder of its own and make it with `tierproof setup --class N`",
    ),
    Row(
        "refused.ptau.power",
        "The ceremony file is smaller than the class needs.",
        "take a ceremony file of a higher power, or a smaller class",
    ),
    Row(
        "refused.ptau.g2",
        "The ceremony file holds points in G1 alone, and its tau is none that is known.",
        "give the file of its points in G2 with --tau-g2, or a file that holds both",
    ),
    Row(
        "refused.memory",
        "There is less memory than the job needs.",
        "close other programs, raise the limit of memory (ulimit -v, container), or take more",
        http=503,
    ),
    Row(
        "refused.threads",
        "The system gives no further thread.",
        "close other programs, raise the limit (ulimit -u, container), or set RAYON_NUM_THREADS=1",
        http=503,
    ),
    Row(
        "refused.nesting",
        "The input is nested deeper than this process can follow.",
        "check that the path names the file that is meant; no format of ours nests so deep",
    ),
    # -- policies ----------------------------------------------------------------------------------
    Row(
        "refused.policy",
        "The registry holds this policy with other values than its document.",
        "ask the governor for the document that was registered, or what the registry should hold",
    ),
    Row(
        "refused.policy.window",
        "The policy's window is too short, too long, or ends before it starts.",
        "give a first_day before last_day, within the days that the message names",
        http=409,
    ),
    Row(
        "refused.policy.series",
        "The policy's series has no name, or a window or an age that no registry takes.",
        "give it a name, and numbers of days within the range that the message names",
        http=409,
    ),
    Row(
        "refused.policy.index",
        "The name of the policy's index is none that a feed document can have.",
        "write 1 to 64 letters, digits or @._-: the name that the feed document has",
        http=409,
    ),
    Row(
        "refused.policy.documents",
        "A policy names margin documents, and the model of its score.",
        "name them margin/NAME with their keccak256; marks and feeds are the attestors'",
        http=409,
    ),
    Row(
        "refused.policy.tier",
        "The policy has no such tier, no tiers, or two of one name.",
        "name a tier that the message lists; in a policy give each tier a name of its own",
        http=409,
    ),
    Row(
        "refused.policy.terms",
        "A term of a tier is outside its range.",
        "change the term within the range that the message names",
        http=409,
    ),
    Row(
        "refused.policy.attestors",
        "The policy trusts nobody: its attestor set is zero or no identifier.",
        "write the identifier of the attestor set into attestor_set",
        http=409,
    ),
    Row(
        "refused.policy.range",
        "A threshold is outside its range.",
        "change the threshold within the range that the message names",
        http=409,
    ),
    Row(
        "refused.policy.model",
        "A policy names one score model, whose weights its tiers have, if and only if it asks M26.",
        "name it model/NAME with the keccak256 of its file, copy its weights, and give --model",
        http=409,
    ),
    Row(
        "refused.policy.metric",
        "A metric is asked that does not exist, has no feed, or contradicts another.",
        "take the metric that the message names out of asked, or name the index that it needs",
        http=409,
    ),
    Row(
        "refused.policy.together",
        "Nobody can meet these thresholds at once, or in a window of these days.",
        "change the threshold that the message names, or take a metric out of asked",
        http=409,
    ),
    Row(
        "refused.policy.floor",
        "The floor is above a tenth of the mean equity that the tier asks (M11).",
        "lower floor, raise mean_equity, or set advice_overridden if it is meant",
        http=409,
    ),
    Row(
        "refused.policy.market",
        "A greatest one-day move is outside its range, or was asked of other days.",
        "give the closes of the 1,096 days before the window and of the day before them",
        http=409,
    ),
    Row(
        "refused.policy.near_line",
        "The distance threshold of M5 is above its near line.",
        "raise near_line to at least the distance",
        http=409,
    ),
    Row(
        "refused.policy.near_word",
        "The numbers of M8's word do not increase, or are not those of the policy's prior.",
        "write near_word as the message gives it, or as history.v2.posterior.posterior_word does",
        http=409,
    ),
    Row(
        "refused.policy.prior",
        "A number of the prior is outside its range.",
        "change the number within the range that the message names",
        http=409,
    ),
    Row(
        "refused.policy.example",
        "There is no example policy of this name.",
        "take one of the names that the message lists",
    ),
    # -- attestor ----------------------------------------------------------------------------------
    Row("refused.attest", "The job names no owners.", "list at least one owner in the job file"),
    Row(
        "refused.binding",
        "A wallet is not bound to this owner for the window, or its binding does not allow this.",
        "have the wallet that the message names sign a binding for this owner, set and day",
    ),
    Row(
        "refused.consent",
        "A consent key stands for another owner, or wallets listed as one owner's are of several.",
        "list the wallets of one consent key alone; the bindings file names each wallet's",
    ),
    Row(
        "refused.valid_until",
        "The root would have expired before it is signed.",
        "set valid_until of the job to a second of Unix time that is ahead",
    ),
    Row(
        "refused.capacity",
        "The log has more records than its class holds.",
        "set size of the job to the next class, with keys of it: `tierproof setup --class N`",
    ),
    Row("refused.reconciliation", "The books do not close to the cent.", _STATEMENT),
    Row("refused.ledger", "The ledger of a wallet is incomplete.", _STATEMENT),
    Row(
        "refused.range",
        "A sum of the log is beyond what a record or the leaf can hold.",
        "there is nothing to do: this version cannot attest such sums",
    ),
    Row(
        "refused.expired",
        "A position is open after the expiry of its instrument.",
        "add the line that delivers or settles it, at the venue's settlement price",
    ),
    Row(
        "refused.price",
        "There is no price or delta for an open position, or only one that is too old.",
        "add a line to the statement that prices the instrument before the day's end",
    ),
    Row(
        "refused.quorum",
        "There are fewer signers than the threshold, or one who is no member.",
        "repeat --key-file until there are as many members' keys as the threshold asks",
    ),
    Row(
        "refused.tree",
        "The tree cannot take this leaf: the owner has one, the window differs, or it is full.",
        "list each owner once in the job, all of one window",
    ),
    Row(
        "refused.venue",
        "The adapter reads the files of another venue.",
        "name the venue whose files they are, or the adapter that reads them",
    ),
    Row(
        "refused.adapter",
        "There is no adapter of this name.",
        "name one that the message lists; tierproof venues says what each reads",
    ),
    Row(
        "refused.profile",
        "The venue's files do not tell what its accounts are worth: profiles come of them, and no "
        "attestation.",
        "attest a venue that tierproof venues calls one of accounts",
    ),
    # -- chain -------------------------------------------------------------------------------------
    Row(
        "refused.verifier_setup",
        "The verifier's setup is no known ceremony's and the chain is a real one.",
        "deploy a verifier that was made from the keys of a known ceremony",
    ),
    Row(
        "refused.test_verifier",
        "The contract belongs to the tests.",
        "name a verifier of contracts/src, such as TierproofVerifier8192",
    ),
    Row(
        "refused.code_size",
        "The contract is larger than a chain takes.",
        "generate the verifier again with this version",
    ),
    Row(
        "refused.link",
        "A contract calls libraries whose addresses are not filled in, or others than those given.",
        "deploy the libraries that the message names, and link the contract to each",
    ),
    Row(
        "refused.deployment",
        "The deployment is not what it says: another chain, other code, or another key.",
        "give the deployment file of this chain and the key that its verifier was made from",
    ),
    Row(
        "refused.funds",
        "The sender cannot pay for the transaction.",
        "send money to the sending account, or give --key-file another account's key",
    ),
    Row(
        "refused.unchecked",
        "The note that `deploy check` leaves beside a deployment file is of another registry.",
        "run `tierproof deploy check` with this deployment file again",
    ),
    Row(
        "refused.roles",
        "A role of the registry is not held as it should be.",
        "have the admin grant and revoke until the roles are as named, or name others",
    ),
    Row(
        "refused.grant_consent",
        "The consent speaks of another claim than the one that is sent, or counts for too long.",
        "have the account sign a consent for this credential: `tierproof consent CREDENTIAL`",
        http=409,
    ),
    Row(
        "refused.market",
        "A default, bands or a feed that no registry takes.",
        "correct the number that the message names in the market file",
    ),
    Row(
        "refused.notice",
        "The notice or the admin's delay is shorter than a chain of others' money takes.",
        "give --notice and --admin-delay of 172800 seconds or more, or leave them out",
    ),
    Row(
        "refused.verifier",
        "No verifier of the policy judges proofs of the credential's key.",
        "prove with the key of a verifier that the policy takes and the deployment file names",
    ),
    Row(
        "refused.chain",
        "The chain lacks something that the contracts need.",
        "deploy on a chain that has what the message names; nothing was paid",
    ),
    Row(
        "refused.gas",
        "A block or a transaction of this chain does not hold the gas that this takes.",
        "send it to a chain whose blocks and transactions hold the gas that the message names",
    ),
    Row(
        "refused.finalized",
        "The node does not say which blocks are finalized.",
        "give --confirmations N in place of --finalized, or --rpc a node that knows the word",
    ),
    Row(
        "refused.time",
        "Time can be moved on a development chain alone.",
        "use a development node such as anvil",
    ),
    Row(
        "refused.compile",
        "The contract compiler refused a source.",
        "correct what the compiler's message names",
    ),
    Row(
        "refused.demo",
        "The folder holds something that no demo wrote.",
        "give --out a folder that does not exist",
    ),
    # -- service -----------------------------------------------------------------------------------
    Row(
        "refused.config",
        "A setting of the service is out of range, or its database URL cannot be read.",
        "correct the setting that the message names",
    ),
    Row(
        "refused.key_setup",
        "The key comes from a setup that is no known ceremony's.",
        "start the service with --allow-setup development for a demo; register keys of a known "
        "ceremony otherwise",
        http=403,
    ),
    Row(
        "refused.nullifier_used",
        "This identity was accepted in this series, for this window or for another account.",
        "a window counts once: prove for the same account from the attestation of a later one",
        http=409,
    ),
    Row(
        "refused.root_submission",
        "No registry takes a root over so few or so many days, or one that counts for so long.",
        "have the attestors sign one of a window, and until a time, that the message names",
    ),
    Row(
        "refused.root_expired",
        "The root was valid until an earlier time.",
        "have the attestors sign a new root, and prove again from the new attestation",
        http=409,
    ),
    Row(
        "refused.root_revoked",
        "The root has been revoked.",
        "have the attestors sign a new root, and prove again from the new attestation",
        http=409,
    ),
    Row(
        "refused.root_files",
        "The files that come with the root are not those that it was signed with.",
        "give the root.json that `tierproof attest --out FOLDER` wrote, unchanged",
        http=409,
    ),
    Row(
        "refused.rules",
        "The root's logs were made by documents, or a market feed, that the policy does not take.",
        "prove from an attestation that was made by the documents that the policy names",
        http=409,
    ),
    Row(
        "refused.root_exists",
        "The service knows this root with other fields.",
        "give the root.json that was registered first, or start with another database",
        http=409,
    ),
    Row(
        "refused.attestors",
        "The document of an attestor set is there already, or its members run already.",
        "name a file that is not there with --out, or members or a threshold that differ",
    ),
    Row(
        "refused.generation_ended",
        "The generation of attestors that signed the root has ended.",
        "have the set's next generation sign the root, and give its root.json",
        http=409,
    ),
    Row(
        "refused.generation",
        "Another generation of attestors has followed the one that signed the root.",
        "give a root.json that the running generation signed",
        http=409,
    ),
    Row(
        "refused.too_large",
        "The body is larger than the service takes.",
        "send one credential a request",
        http=413,
    ),
    Row(
        "refused.media_type",
        "The body is not sent as JSON.",
        "send the header content-type: application/json",
        http=415,
    ),
    Row(
        "refused.slow_body",
        "The body took too long to arrive.",
        "send the whole body at once",
        http=408,
    ),
    # -- what the service does not know ------------------------------------------------------------
    Row("unknown.policy", "The policy is not registered here.", "ask the operator to register it"),
    Row("unknown.tier", "The policy has no such tier.", "name a tier of /v1/policies"),
    Row("unknown.key", "The verifying key is not registered here.", "name a key of /v1/keys"),
    Row(
        "unknown.root",
        "The root is not known, or not signed by the policy's attestors for its window.",
        "ask the operator to register the signed root",
    ),
    Row(
        "unknown.deployment",
        "Chain and registry are not registered for the policy.",
        "name a deployment of /v1/policies",
    ),
    Row(
        "unknown.credential",
        "No credential was accepted for the nullifier.",
        "submit the credential first",
    ),
    # -- usage -------------------------------------------------------------------------------------
    Row("usage", "The command line cannot be read.", "see: {help}"),
    Row(
        "usage.wallet",
        "Nobody's account is asked for.",
        "give --wallet ADDRESS, once for each wallet",
    ),
    Row(
        "usage.url",
        "The URL of a venue is no address of http or https.",
        "give --url the whole address of its interface, or leave it out",
    ),
    Row(
        "usage.bind",
        "A document to sign needs the attestor set, the first day and a file for the consent.",
        "add --attestor-set 0x..., --bound-day 2026-01-31 and --consent consent.json",
    ),
    Row(
        "usage.allow_setup",
        "What is to be allowed is no setup.",
        "give development, or the setup's srs id as `tierproof show` prints it: 0x and 50 digits",
    ),
    Row("usage.row", "There is no record named.", "give --row N, from 0, or --day or --kind"),
    Row(
        "usage.instrument",
        "An instrument is named without the statement that says which records are of it.",
        "give --statements FOLDER, --adapter NAME and every --wallet of yours beside --instrument",
    ),
    Row(
        "usage.place",
        "Chain and registry are not named, or named twice and differently.",
        "give --deployment FILE, or --chain-id N and --registry ADDRESS",
    ),
    Row(
        "usage.roles",
        "On a chain that is not for development, roles have no defaults.",
        "give --admin, --governor and --guardian; timelocks as the first two",
    ),
    Row(
        "usage.market",
        "On a chain that is not for development, the default has no default.",
        "give --market FILE with the default's terms and the bands",
    ),
    Row(
        "usage.window",
        "One end of a window is given without the other.",
        "give --first-day and --last-day, or neither: then it is the policy's window",
    ),
    Row(
        "usage.consent",
        "A consent is to be signed, and the signature is none or nowhere to be written.",
        "give --key-file FILE or --signature HEX with --out FILE, or none of them to print it",
    ),
    Row(
        "usage.finality",
        "The confirmations or seconds to wait for are no such number.",
        "give --confirmations 1 to 10000, and --wait 1 to 86400",
    ),
    Row(
        "usage.sender",
        "The node holds no account that could pay.",
        "give --key-file FILE with the private key of an account that pays",
    ),
    Row(
        "usage.attestors",
        "A policy cannot be registered without its attestor set.",
        "give --attestors FILE, or --root FILE with a root that names the set",
    ),
    # -- working folders -------------------------------------------------------------------------
    Row(
        "refused.folder",
        "The folder that init would fill holds something already.",
        "name a folder that is not there yet, or an empty one",
    ),
    Row(
        "refused.config_owner",
        "The tierproof.toml that was found belongs to another user.",
        "read it, and name it by --config if you trust it",
    ),
    Row(
        "refused.incomplete",
        "The collected answers do not hold the whole history of an account.",
        "collect again into another folder; what the venue keeps no longer, nobody can attest",
    ),
    Row(
        "refused.account_kind",
        "The account is of a kind whose margin or history a statement cannot carry.",
        "leave its wallet out; the message says what the venue does not tell",
    ),
    Row(
        "refused.collecting",
        "The folder holds a collecting that was cut off.",
        "run the same `tierproof collect` again; it goes on where it stopped",
    ),
    Row(
        "refused.used_folder",
        "The folder holds files already; a root that was published is never replaced.",
        "give --out a folder that is not there",
    ),
    Row(
        "refused.busy",
        "Another command writes this bindings file or journal, or one was stopped midway.",
        "wait until it has ended; if none runs, delete the lock file that the message names",
    ),
    Row(
        "refused.calendar",
        "The window is in no calendar that was announced before it began, or windows overlap.",
        "run `tierproof windows announce` before the first begins; attest only what it announced",
    ),
    Row(
        "refused.open_key_file",
        "Others can read a file that holds a private key or a passphrase.",
        "run the chmod command of the message, or say --allow-open-key-file",
    ),
)
