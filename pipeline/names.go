package pipeline

// PlanName is the work file that holds the plan of a job, below the job's work folder.
const PlanName = "plan.json"

// Folders of the corpus that hold one folder a version.
const (
	DataFolder      = "data" // of documents in Parquet; those of other formats have folders of their own
	VocabFolder     = "vocab"
	LedgerFolder    = "ledger"
	IndexFolder     = "index"
	ManifestsFolder = "manifests"
	WorkFolder      = ".millrace"
)
