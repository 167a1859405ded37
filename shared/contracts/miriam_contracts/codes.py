"""Code lists of the programme: language-neutral, closed, and never mixed with each other."""

REGIONS = ("brussels", "flanders", "wallonia")
LANGUAGES = ("fr", "nl", "de", "en")

# The questionnaire's domains: each a satisfaction, asked at the start and at the end.
MEASURED_DOMAINS = (
    "finances",
    "social_support",
    "housing",
    "mobility",
    "physical_health",
    "leisure",
    "mental_wellbeing",
    "autonomy",
    "self_confidence",
)
# "Progress in the personal situation" is read over these four (indicator I04).
PERSONAL_SITUATION = ("finances", "social_support", "housing", "physical_health")

# The domains of goals, sessions and referrals: another list, for another question.
LIFE_DOMAINS = (
    "finances",
    "housing",
    "health",
    "employment",
    "training",
    "children_and_family",
    "social_network",
    "mobility",
    "rights_and_administration",
    "self_confidence",
)

ANSWER_STATUS = ("valid", "not_answered", "not_available")
CHANGES = ("worse", "same", "better", "not_answered", "not_available")
MOMENTS = ("start", "end")
EVIDENCE_KINDS = ("self_declared", "case_manager", "document")

ELIGIBILITY = ("living_wage_child_under_six", "single_mother_cpas_service")
EMPLOYMENT = ("unemployed", "long_term_unemployed", "inactive", "employed", "not_answered", "not_available")
EDUCATION = ("lower_secondary_or_less", "upper_secondary", "tertiary", "not_answered", "not_available")
AGE_BANDS = ("under_18", "18_29", "30_54", "55_plus", "not_available")
REFERRERS = ("cpas_service", "partner", "herself", "other")

EXIT_REASONS = (
    "completed",
    "employment",
    "training",
    "moved",
    "health",
    "family",
    "withdrew",
    "lost_contact",
    "no_longer_eligible",
    "other",
)
# Exits that are no drop-out: she finished, or left for work or training (indicators I10 and I11).
POSITIVE_EXITS = ("completed", "employment", "training")
PAUSE_REASONS = ("health", "family", "employment", "training", "other")
FOLLOW_UP = ("employed", "in_training", "seeking_work", "inactive", "not_reached", "not_answered")

PLACES = ("cpas", "home", "outside", "phone", "online")
MISSED_REASONS = ("excused", "no_show", "cancelled_by_cpas")
GOAL_ABANDON_REASONS = ("no_longer_wanted", "not_feasible", "replaced", "left_programme", "other")
PARTNERS = (
    "health_care",
    "mental_health",
    "housing",
    "debt_mediation",
    "employment",
    "training",
    "childcare",
    "legal",
    "leisure",
    "other",
)
REFERRAL_OUTCOMES = ("taken_up", "not_taken_up", "refused_by_partner", "unknown")
GROUP_LEAVE_REASONS = EXIT_REASONS
CANCEL_REASONS = ("too_few", "case_manager_absent", "public_health", "other")

EDITION_CLOSE_REASONS = ("end_of_term", "ended_early")
PROJECT_END_REASONS = ("end_of_term", "withdrawn", "ended_by_authority")
COST_CATEGORIES = ("personnel", "operation", "activities", "childcare", "other")
ERASURE_GROUNDS = ("consent_withdrawn", "objection", "unlawful", "no_longer_needed")
UNLINK_REASONS = ("different_women", "entered_by_mistake")
CORRECTION_REASONS = ("typing_error", "wrong_person", "wrong_date", "new_information", "duplicate", "other")
